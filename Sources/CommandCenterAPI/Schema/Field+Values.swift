extension Field.WireType {
  /// The type with its article, for messages.
  var phrase: String {
    switch self {
    case .integer: "an integer"
    case .string: "a string"
    case .boolean: "a boolean"
    case .object: "an object"
    case .json: "a JSON value"
    }
  }

  /// Whether a value is of the type, exactly as on the wire.
  func matches(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.integer, .integer), (.string, .string), (.boolean, .bool), (.object, .object), (.json, _): true
    default: false
    }
  }
}

extension Field {
  /// Why the field does not take a value that is written as on the wire, as the end of a sentence that begins
  /// with the field: `must be an integer, not the string "x"`. Nil where it does.
  func objection(to value: JSONValue) -> String? {
    guard type.matches(value) else { return "must be \(type.phrase), not \(value.phrase)" }
    switch value {
    case .integer(let number):
      if isClosed && !allowed.isEmpty && !allowed.contains(where: { $0.number == number }) {
        return "\(number) is not allowed; use \(allowedPhrase)"
      }
      return objection(toRangeOf: number)
    case .string(let text):
      if isClosed && !allowed.isEmpty && !allowed.contains(where: { $0.name == text }) {
        return "\(text.quoted) is not allowed; use \(allowedPhrase)"
      }
      if isRequired && text.isEmpty { return "must not be empty" }
      return nil
    default: return nil
    }
  }

  func objection(toRangeOf number: Int64) -> String? {
    if range.contains(number) { return nil }
    if range.upperBound == .max { return "must be at least \(range.lowerBound), not \(number)" }
    return "must be \(range.lowerBound) to \(range.upperBound), not \(number)"
  }

  /// The allowed values as a person would list them: `FULL, INCREMENTAL or DIFFERENTIAL`.
  var allowedPhrase: String {
    let names = allowed.map(\.name)
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}

extension JSONValue {
  /// The value with what it is, for messages.
  var phrase: String {
    switch self {
    case .null: "null"
    case .bool(let value): "the boolean \(value)"
    case .integer(let value): "the number \(value)"
    case .number(let value): "the number \(value)"
    case .string(let text): "the string \(text.quoted)"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The value as a person would write it in a list: names without quotes.
  var plain: String {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    case .bool(let value): String(value)
    default: phrase
    }
  }
}

extension String {
  /// In quotes, on one line and not too long, for messages.
  var quoted: String { "\"\(onOneLine(limit: 60))\"" }
}
