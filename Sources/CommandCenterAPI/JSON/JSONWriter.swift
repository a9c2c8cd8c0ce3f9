/// Writes JSON as UTF-8 into a buffer of its own. Commas come by themselves; that keys stand in objects only,
/// and that what was begun is ended, is the caller's care.
///
/// ```swift
/// var json = JSONWriter()
/// json.beginObject()
/// json.key("taskId")
/// json.integer(9920)
/// json.endObject()
/// json.bytes  // {"taskId":9920}
/// ```
public struct JSONWriter: ~Copyable {
  private var buffer: ByteBuffer
  private var wantsComma = false

  /// - Parameter capacity: the room to begin with, in bytes. It grows by itself.
  public init(capacity: Int = 256) {
    buffer = ByteBuffer(capacity: capacity)
  }

  /// How many bytes have been written.
  public var count: Int { buffer.count }

  /// A copy of what has been written.
  public var bytes: [UInt8] { Array(buffer.bytes) }

  /// What has been written, as text.
  public var text: String { String(decoding: buffer.bytes, as: UTF8.self) }

  /// Lends out what has been written; the pointer is good until `body` returns.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(buffer.bytes)
  }

  /// Forgets what has been written and keeps the room.
  public mutating func removeAll() {
    buffer.count = 0
    wantsComma = false
  }

  public mutating func beginObject() { open(UInt8(ascii: "{")) }
  public mutating func endObject() { close(UInt8(ascii: "}")) }
  public mutating func beginArray() { open(UInt8(ascii: "[")) }
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// Writes the name of a member. The value follows.
  public mutating func key(_ name: String) {
    string(name)
    endKey()
  }

  /// Writes the name of a member, given as UTF-8.
  ///
  /// - Throws: `.invalidUTF8`; nothing is written then.
  public mutating func key(utf8 name: UnsafeBufferPointer<UInt8>) throws(JSONWriteError) {
    try string(utf8: name)
    endKey()
  }

  public mutating func null() { word("null") }

  public mutating func boolean(_ value: Bool) { word(value ? "true" : "false") }

  public mutating func integer(_ value: Int64) {
    separate()
    buffer.reserve(longestInteger)
    buffer.count = writeDecimal(value, to: buffer.end) - buffer.base
  }

  /// Writes a number in the shortest form that reads back as the same one: `3.0`, `0.1`, `1e+300`.
  ///
  /// - Throws: `.notFinite` for NaN and the infinities, which JSON has no words for; nothing is written then.
  public mutating func number(_ value: Double) throws(JSONWriteError) {
    guard value.isFinite else { throw .notFinite }
    separate()
    var digits = value.description
    digits.withUTF8 { buffer.append($0) }
  }

  public mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      let isWritten = quote(utf8)
      assert(isWritten, "a String holds UTF-8 always")
    }
  }

  /// Writes a string given as UTF-8.
  ///
  /// - Throws: `.invalidUTF8`; nothing is written then.
  public mutating func string(utf8 value: UnsafeBufferPointer<UInt8>) throws(JSONWriteError) {
    guard quote(value) else { throw .invalidUTF8 }
  }

  /// Writes JSON text as it is: one value, which the caller answers for.
  public mutating func raw(_ json: UnsafeBufferPointer<UInt8>) {
    separate()
    buffer.append(json)
  }

  /// Writes JSON text as it is: one value, which the caller answers for.
  public mutating func raw(_ json: [UInt8]) {
    json.withUnsafeBufferPointer { raw($0) }
  }

  @inline(__always)
  private mutating func separate() {
    if wantsComma { buffer.append(UInt8(ascii: ",")) }
    wantsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    buffer.append(bracket)
    wantsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    buffer.append(bracket)
    wantsComma = true
  }

  private mutating func endKey() {
    buffer.append(UInt8(ascii: ":"))
    wantsComma = false
  }

  private mutating func word(_ text: StaticString) {
    separate()
    buffer.append(text)
  }

  private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    buffer.reserve(roomForEscaped(text.count) + 3)
    var end = buffer.end
    if wantsComma {
      end.pointee = UInt8(ascii: ",")
      end += 1
    }
    end.pointee = UInt8(ascii: "\"")
    end += 1
    if let start = text.baseAddress {
      guard let written = writeEscaped(start, text.count, to: end) else { return false }
      end = written
    }
    end.pointee = UInt8(ascii: "\"")
    buffer.count = end + 1 - buffer.base
    wantsComma = true
    return true
  }
}

/// What JSON cannot say.
public enum JSONWriteError: Error, Hashable, Sendable {
  /// NaN or an infinity.
  case notFinite
  /// A string that is no well-formed UTF-8.
  case invalidUTF8
}
