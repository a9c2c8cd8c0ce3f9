public import Clock

/// Something to be told to somebody outside, at least once, whatever breaks in between.
public struct NewMessage: Hashable, Sendable {
  /// Unique within the run, so that a replay does not tell it again.
  public var key: String
  /// What to do with it: `attention`, `ping`.
  public var kind: String
  /// Opaque. No secrets: the address to tell it to is looked up when it is told.
  public var payload: [UInt8]
  public var createdAt: Moment

  public init(key: String, kind: String, payload: [UInt8], createdAt: Moment) {
    self.key = key
    self.kind = kind
    self.payload = payload
    self.createdAt = createdAt
  }
}

/// A message as the store has it.
public struct MessageRecord: Hashable, Sendable {
  /// Names the message in the store.
  public var number: Int
  public var run: RunID
  public var message: NewMessage
  public var deliveredAt: Moment?
  /// How often it was tried in vain.
  public var tries: Int
  public var lastError: String?
}

/// How the delivery of a message went.
public enum Delivery: Hashable, Sendable {
  case delivered(at: Moment)
  /// To be tried again, not before `retryAt`.
  case failed(String, retryAt: Moment)
}
