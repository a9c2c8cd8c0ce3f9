/// Takes letters to where they go.
public protocol Courier: Sendable {
  /// One try, bounded in time.
  func deliver(_ letter: Letter) async throws(Undelivered)
}

/// Why a letter has not arrived: one sentence without secrets.
public struct Undelivered: Error, Hashable, Sendable {
  public var sentence: String

  public init(_ sentence: String) { self.sentence = sentence }
}
