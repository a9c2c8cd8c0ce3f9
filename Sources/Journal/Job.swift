public import Clock

/// A job of a Command Center. No two steps, of whatever runs, ever have the same one.
public struct Job: Hashable, Sendable, CustomStringConvertible {
  /// The Command Center's own identity, not its URL.
  public var server: String
  public var id: String

  public init(server: String, id: String) {
    self.server = server
    self.id = id
  }

  public var description: String { "job \(id) of \(server)" }
}

/// A job as the store has it.
public struct JobRecord: Hashable, Sendable {
  public var job: Job
  public var run: RunID
  /// The key of its step.
  public var step: String
  /// When it was seen to have ended; nil as long as it was not.
  public var endedAt: Moment?
  /// When somebody said that others are the step's, and not this one; nil where nobody did.
  public var droppedAt: Moment?
}
