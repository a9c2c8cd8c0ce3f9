/// Why a text is no JSON, or not the JSON that was asked for, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    /// The text ended in the middle of a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte(UInt8)
    /// A number that RFC 8259 does not know, such as `01`, `.5` or `+1`.
    case invalidNumber
    /// A number that no double can hold, such as `1e999`.
    case numberTooLarge
    /// A backslash followed by something that is no escape.
    case invalidEscape
    /// A control character in a string; it has to be escaped.
    case controlCharacter
    /// A string that is no well-formed UTF-8.
    case invalidUTF8
    /// Objects and arrays nested deeper than the reader allows.
    case tooDeep
    /// Something follows the one value that a text holds.
    case trailingBytes
    /// The value here is of another kind than the one asked for.
    case wrongKind(expected: JSONReader.Kind, found: JSONReader.Kind)
  }

  public let reason: Reason
  /// Where it was noticed: bytes from the beginning of the text.
  public let offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    let what =
      switch reason {
      case .unexpectedEnd: "the text ends in the middle of a value"
      case .unexpectedByte(let byte):
        byte > 0x20 && byte < 0x7F
          ? "unexpected \"\(Unicode.Scalar(byte))\"" : "unexpected byte 0x\(String(byte, radix: 16))"
      case .invalidNumber: "that is no number of JSON"
      case .numberTooLarge: "the number is too large"
      case .invalidEscape: "that is no escape of JSON"
      case .controlCharacter: "a control character in a string has to be escaped"
      case .invalidUTF8: "the string is no UTF-8"
      case .tooDeep: "objects and arrays are nested too deep"
      case .trailingBytes: "something follows the value"
      case .wrongKind(let expected, let found): "expected \(expected.noun), found \(found.noun)"
      }
    return "\(what), at byte \(offset)"
  }
}

extension JSONReader.Kind {
  fileprivate var noun: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
