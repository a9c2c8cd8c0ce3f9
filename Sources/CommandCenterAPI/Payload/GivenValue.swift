internal import CSlots

/// A value as a script wrote it, taken out of its slot.
enum GivenValue {
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  /// Bytes that are no UTF-8.
  case badText
  /// The text of a JSON value.
  case json([UInt8])
  /// Something that no field takes, by the name of its Lua type.
  case other(String)
}

extension GivenValue {
  /// The integer that it is or spells; nil where it does neither.
  var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    case .string(let text): Int64(strictly: text)
    default: nil
    }
  }

  /// The text that it is; for a number, that number as people write it.
  var text: String? {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? Int64(exactly: value).map { String($0) } ?? "\(value)" : nil
    default: nil
    }
  }

  /// What it is as JSON, where it is neither table nor function.
  var scalar: JSONValue? {
    switch self {
    case .boolean(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): value.isFinite ? .number(value) : nil
    case .string(let text): .string(text)
    default: nil
    }
  }

  /// What it is, for messages.
  var phrase: String {
    switch self {
    case .boolean(let value): "the boolean \(value)"
    case .integer(let value): "the number \(value)"
    case .number(let value): "the number \(value)"
    case .string(let text): "the string \(text.quoted)"
    case .badText: "a string that is no UTF-8"
    case .json(let text): text.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") ? "a list" : "a table"
    case .other(let type): type.first.map { "aeiou".contains($0) } == true ? "an \(type)" : "a \(type)"
    }
  }
}

extension Int64 {
  /// An integer in decimal as JSON and Lua both write it, without a plus sign.
  init?(strictly text: String) {
    guard text.utf8.first != UInt8(ascii: "+"), let value = Int64(text) else { return nil }
    self = value
  }
}

extension cv_slot {
  /// The value of a slot that is neither absent nor null.
  var given: GivenValue {
    switch Int(kind) {
    case Int(CV_SLOT_BOOLEAN.rawValue): return .boolean(word != 0)
    case Int(CV_SLOT_INTEGER.rawValue): return .integer(word)
    case Int(CV_SLOT_NUMBER.rawValue): return .number(Double(bitPattern: UInt64(bitPattern: word)))
    case Int(CV_SLOT_STRING.rawValue):
      return String(validating: buffer, as: UTF8.self).map { .string($0) } ?? .badText
    case Int(CV_SLOT_JSON.rawValue): return .json(Array(buffer))
    default: return .other(String(decoding: buffer, as: UTF8.self))
    }
  }

  /// The bytes of a slot that has some.
  var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: Int(word)) }
}
