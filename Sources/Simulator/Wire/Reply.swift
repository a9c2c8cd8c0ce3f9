public import HTTPTypes

/// An answer, and how it is to reach whoever asked.
public struct Reply: Sendable {
  public var response: HTTPResponse
  public var body: [UInt8]
  public var delivery: Delivery
}

/// What becomes of an answer on its way.
public enum Delivery: Hashable, Sendable {
  case whole
  /// Nothing of it comes: the connection is closed.
  case closed
  /// Nothing of it comes: the connection is reset.
  case reset
  /// The first half comes, then the connection is closed.
  case half
  /// It comes byte by byte over this long.
  case slow(Duration)
}
