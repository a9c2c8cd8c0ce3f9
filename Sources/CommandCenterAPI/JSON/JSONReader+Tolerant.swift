/// Reading what a server means rather than how it spells it: the Command Center sends the same member as a
/// number in one answer and as a string in another, and leaves out what is nothing.
extension JSONReader {
  /// A number, or a string that holds one, cut to an integer; nil for anything else, which is skipped.
  public mutating func int64() throws(JSONError) -> Int64? {
    switch try peek() {
    case .number:
      switch try number() {
      case .integer(let value): return value
      case .number(let value): return Int64(exactly: value.rounded(.towardZero))
      }
    case .string: return Int64(try string())
    case .boolean: return try boolean() ? 1 : 0
    default:
      try skipValue()
      return nil
    }
  }

  /// A number, or a string that holds one; nil for anything else, which is skipped.
  public mutating func double() throws(JSONError) -> Double? {
    switch try peek() {
    case .number:
      switch try number() {
      case .integer(let value): return Double(value)
      case .number(let value): return value
      }
    case .string: return Double(try string())
    default:
      try skipValue()
      return nil
    }
  }

  /// A string, or a number in decimal; nil for anything else, which is skipped.
  public mutating func text() throws(JSONError) -> String? {
    switch try peek() {
    case .string: return try string()
    case .number: return String(decoding: try rawValue(), as: UTF8.self)
    default:
      try skipValue()
      return nil
    }
  }

  /// A boolean, or a number that is not 0; nil for anything else, which is skipped.
  public mutating func flag() throws(JSONError) -> Bool? {
    switch try peek() {
    case .boolean: return try boolean()
    case .number: return try double() != 0
    case .string:
      switch try string() {
      case "true", "1": return true
      case "false", "0": return false
      default: return nil
      }
    default:
      try skipValue()
      return nil
    }
  }

  /// Reads the members of an object by `member`, which must read or skip each one's value. Anything but an
  /// object is skipped, `member` uncalled.
  public mutating func members(
    _ member: (inout JSONReader, JSONKey) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard try peek() == .object else { return try skipValue() }
    try beginObject()
    while let key = try nextKey() { try member(&self, key) }
  }

  /// Reads the elements of an array by `element`, which must read or skip each. Anything but an array is
  /// skipped, `element` uncalled.
  public mutating func elements(
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard try peek() == .array else { return try skipValue() }
    try beginArray()
    while try nextElement() { try element(&self) }
  }
}
