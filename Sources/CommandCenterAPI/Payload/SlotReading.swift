internal import CSlots

/// What a slot says to its field: the value that goes over the wire, nothing, or a mistake.
///
/// This is the whole of the conversions, once and plainly. The encoder's fast pass does the same over raw
/// bytes and comes here when it meets anything odd; a test holds the two together.
enum SlotReading: Hashable {
  /// Nothing was given, not even a default.
  case nothing
  /// What is sent.
  case value(JSONValue)
  /// JSON text, sent as it is given.
  case json([UInt8])
  case mistake(Mistake)
}

extension Field {
  /// - Parameters:
  ///   - workload: its name, for messages.
  ///   - association: the row the slot is in, where there are several.
  func read(_ slot: cv_slot, workload: String, association: Int? = nil) -> SlotReading {
    switch Int(slot.kind) {
    case Int(CV_SLOT_ABSENT.rawValue):
      if let defaultValue { return .value(defaultValue) }
      return isRequired ? .mistake(missing(workload, association)) : .nothing
    case Int(CV_SLOT_NULL.rawValue):
      return isRequired ? .mistake(missing(workload, association)) : .nothing
    default: break
    }
    let given = slot.given
    if case .badText = given {
      return .mistake(
        Mistake(.badText, field: name, association: association, message: "\(name) is no valid UTF-8"))
    }
    switch type {
    case .boolean:
      if case .boolean(let value) = given { return .value(.bool(value)) }
    case .object, .json:
      if case .json(let text) = given {
        // An empty table of Lua does not tell an object from a list.
        if type == .object && text == Array("[]".utf8) { return .json(Array("{}".utf8)) }
        if type == .json || text.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") { return .json(text) }
      }
      if type == .json, let value = given.scalar { return .value(value) }
    case .integer: return readInteger(given, association)
    case .string: return readString(given, association)
    }
    return .mistake(wrongType(given, association))
  }

  private func readInteger(_ given: GivenValue, _ association: Int?) -> SlotReading {
    if case .string(let text) = given, let value = allowed.first(where: { $0.isNamed(text) }),
      let number = value.number
    {
      return .value(.integer(number))
    }
    guard let number = given.integer else {
      if case .string(let text) = given, !allowed.isEmpty {
        return .mistake(notAllowed(text.quoted, association))
      }
      return .mistake(wrongType(given, association))
    }
    if isClosed && !allowed.isEmpty && !allowed.contains(where: { $0.number == number }) {
      return .mistake(notAllowed(String(number), association))
    }
    if let why = objection(toRangeOf: number) {
      return .mistake(
        Mistake(.outOfRange, field: name, association: association, message: "\(name) \(why)"))
    }
    return .value(.integer(number))
  }

  private func readString(_ given: GivenValue, _ association: Int?) -> SlotReading {
    if !allowed.isEmpty {
      if case .string(let text) = given, let value = allowed.first(where: { $0.isNamed(text) }) {
        return .value(.string(value.name))
      }
      if let number = given.integer, let value = allowed.first(where: { $0.number == number }) {
        return .value(.string(value.name))
      }
    }
    guard let text = given.text else { return .mistake(wrongType(given, association)) }
    if isClosed && !allowed.isEmpty {
      if case .string = given { return .mistake(notAllowed(text.quoted, association)) }
      return .mistake(notAllowed(text, association))
    }
    if isRequired && text.isEmpty {
      return .mistake(
        Mistake(.notAllowed, field: name, association: association, message: "\(name) must not be empty"))
    }
    return .value(.string(text))
  }

  func missing(_ workload: String, _ association: Int?) -> Mistake {
    let other = nameField.map { " (or \($0))" } ?? ""
    return Mistake(
      .missing, field: name, association: association,
      message: "\(name)\(other) is missing; \(workload) needs it: \(doc)")
  }

  private func wrongType(_ given: GivenValue, _ association: Int?) -> Mistake {
    Mistake(
      .wrongType, field: name, association: association,
      message: "\(name) must be \(type.phrase), not \(given.phrase)")
  }

  private func notAllowed(_ given: String, _ association: Int?) -> Mistake {
    let use = isClosed ? allowedPhrase : "a number or one of \(allowedPhrase)"
    return Mistake(
      .notAllowed, field: name, association: association,
      message: "\(name) \(given) is not allowed; use \(use)"
    )
  }
}

extension NamedValue {
  /// Case does not count in a script.
  fileprivate func isNamed(_ text: String) -> Bool {
    text == name || foldedASCII(text) == foldedASCII(name)
  }
}
