/// The name of a member as the reader lends it, for comparing with literals without making a `String`:
/// `switch key { case "jobId": … default: … }`.
///
/// One that the reader gave is good until the reader moves on.
public struct JSONKey: Equatable, ExpressibleByStringLiteral {
  /// The name in UTF-8, without escapes.
  public let utf8: UnsafeBufferPointer<UInt8>

  init(_ utf8: UnsafeBufferPointer<UInt8>) {
    self.utf8 = utf8
  }

  public init(stringLiteral literal: StaticString) {
    utf8 = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
  }

  /// The name as a string of its own.
  public var string: String { String(decoding: utf8, as: UTF8.self) }

  @inline(__always)
  public static func == (left: JSONKey, right: JSONKey) -> Bool {
    left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
  }
}
