/// Reads JSON piece by piece as its caller asks, so that a decoder makes only what it needs.
///
/// Strict RFC 8259; a member's name may come twice. An integer that fits 64 bits stays exact, any other
/// number becomes a double. A `\u` escape of half a surrogate pair reads as U+FFFD, since a server may cut a
/// text there.
///
/// ```swift
/// try reader.beginObject()
/// while let key = try reader.nextKey() {
///   switch key {
///   case "taskId": taskId = try reader.int64()
///   default: try reader.skipValue()
///   }
/// }
/// try reader.finish()
/// ```
public struct JSONReader: ~Copyable {
  /// What a value is, told by its first byte.
  public enum Kind: Hashable, Sendable {
    case null, boolean, number, string, array, object
  }

  /// A number as exactly as it can be told.
  public enum Number: Hashable, Sendable {
    case integer(Int64)
    case number(Double)
  }

  let base: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var next: UnsafePointer<UInt8>
  var depth = 0
  let maxDepth: Int
  /// Nothing of the innermost object or array has been read yet, so no comma is due.
  var isFirst = false
  var scratch: UnsafeMutableBufferPointer<UInt8>?

  /// - Parameters:
  ///   - bytes: the text, which must outlive the reader.
  ///   - maxDepth: how deep objects and arrays may nest; at most 1,000.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int = 128) {
    // Any address will do for an empty text, which is never read from.
    base = bytes.baseAddress ?? UnsafePointer(Self.emptyText.utf8Start)
    end = base + bytes.count
    next = base
    self.maxDepth = min(maxDepth, 1000)
  }

  private static let emptyText: StaticString = ""

  deinit {
    scratch?.deallocate()
  }

  /// Reads a whole text: lends a reader to `body`, then requires that nothing follows.
  public static func read<Result>(
    _ bytes: [UInt8], maxDepth: Int = 128, _ body: (inout JSONReader) throws(JSONError) -> Result
  ) throws(JSONError) -> Result {
    try bytes.withUnsafeBufferPointer { (utf8) throws(JSONError) -> Result in
      var reader = JSONReader(utf8, maxDepth: maxDepth)
      let result = try body(&reader)
      try reader.finish()
      return result
    }
  }

  /// How far the reader is: bytes from the beginning of the text.
  public var offset: Int { next - base }

  /// The kind of the value that comes next.
  public mutating func peek() throws(JSONError) -> Kind {
    try skipSpace()
    switch next.pointee {
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "-"), 0x30...0x39: return .number
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "{"): return .object
    default: throw unexpected()
    }
  }

  public mutating func null() throws(JSONError) {
    try expect(.null)
    try word("null")
  }

  public mutating func boolean() throws(JSONError) -> Bool {
    try expect(.boolean)
    if next.pointee == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  public mutating func number() throws(JSONError) -> Number {
    try expect(.number)
    let start = next
    let isInteger = try scanNumber()
    let isNegative = start.pointee == UInt8(ascii: "-")
    if isInteger {
      var digit = isNegative ? start + 1 : start
      // An integer cannot say that a zero is negative.
      if isNegative && digit.pointee == UInt8(ascii: "0") { return .number(-0.0) }
      var magnitude: UInt64 = 0
      var fits = next - digit <= 19
      while fits && digit < next {
        magnitude = magnitude &* 10 &+ UInt64(digit.pointee &- 0x30)
        digit += 1
      }
      // Nineteen digits always fit into UInt64.
      fits = fits && magnitude <= UInt64(Int64.max) + (isNegative ? 1 : 0)
      if fits { return .integer(isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude)) }
    }
    let text = String(decoding: UnsafeBufferPointer(start: start, count: next - start), as: UTF8.self)
    guard let value = Double(text) else { throw JSONError(.invalidNumber, at: start - base) }
    guard value.isFinite else { throw JSONError(.numberTooLarge, at: start - base) }
    return .number(value)
  }

  public mutating func string() throws(JSONError) -> String {
    String(decoding: try utf8(), as: UTF8.self)
  }

  /// Reads a string and lends its bytes, without escapes and checked to be UTF-8, until the reader moves on.
  public mutating func utf8() throws(JSONError) -> UnsafeBufferPointer<UInt8> {
    try expect(.string)
    next += 1
    let start = next
    var hasEscapes = false
    try scanString(&hasEscapes)
    let raw = UnsafeBufferPointer(start: start, count: next - 1 - start)
    return hasEscapes ? unescape(raw) : raw
  }

  public mutating func beginObject() throws(JSONError) {
    try expect(.object)
    try begin()
  }

  /// The name of the next member, whose value must then be read or skipped; nil at the end of the object.
  public mutating func nextKey() throws(JSONError) -> JSONKey? {
    guard try advance(unless: UInt8(ascii: "}")) else { return nil }
    guard next.pointee == UInt8(ascii: "\"") else { throw unexpected() }
    let key = try utf8()
    try skipSpace()
    guard next.pointee == UInt8(ascii: ":") else { throw unexpected() }
    next += 1
    return JSONKey(key)
  }

  public mutating func beginArray() throws(JSONError) {
    try expect(.array)
    try begin()
  }

  /// Whether the array goes on; the element must then be read or skipped.
  public mutating func nextElement() throws(JSONError) -> Bool {
    try advance(unless: UInt8(ascii: "]"))
  }

  /// Passes over the next value, which is checked as strictly as if it were read.
  public mutating func skipValue() throws(JSONError) {
    switch try peek() {
    case .null: try word("null")
    case .boolean: _ = try boolean()
    case .number: _ = try scanNumber()
    case .string:
      next += 1
      var hasEscapes = false
      try scanString(&hasEscapes)
    case .array:
      try beginArray()
      while try nextElement() { try skipValue() }
    case .object:
      try beginObject()
      while try nextMember() { try skipValue() }
    }
  }

  /// Passes over the next value and lends its text, as it stands.
  public mutating func rawValue() throws(JSONError) -> UnsafeBufferPointer<UInt8> {
    _ = try peek()
    let start = next
    try skipValue()
    return UnsafeBufferPointer(start: start, count: next - start)
  }

  /// Goes to the end of the text, whatever is there.
  mutating func skipRest() { next = end }

  /// Requires that nothing but white space is left.
  public mutating func finish() throws(JSONError) {
    while next < end {
      guard isSpace(next.pointee) else { throw JSONError(.trailingBytes, at: offset) }
      next += 1
    }
  }
}
