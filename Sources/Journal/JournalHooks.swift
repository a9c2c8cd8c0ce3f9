/// What a transaction holds.
public enum Written: Hashable, Sendable {
  case created(RunID)
  case claimed(RunID, epoch: Int)
  case changes(RunID, [Change])
  /// The changes were written only where the answer is `granted`.
  case permits(RunID, PermitRequest, PermitAnswer, [Change])
  case messages([Int])
  case pruned(RunID)
}

/// Who is told of transactions as they happen: for tests that end the process there, or let the disk fail.
///
/// Called on the thread that writes, one call at a time.
public struct JournalHooks: Sendable {
  /// All is written, nothing is on disk yet. What it throws, all who wait for the transaction get, and
  /// nothing of it is kept.
  public var beforeCommit: (@Sendable ([Written]) throws(JournalError) -> Void)?
  /// All is on disk; nobody who waits for it knows yet.
  public var afterCommit: (@Sendable ([Written]) -> Void)?

  public init(
    beforeCommit: (@Sendable ([Written]) throws(JournalError) -> Void)? = nil,
    afterCommit: (@Sendable ([Written]) -> Void)? = nil
  ) {
    self.beforeCommit = beforeCommit
    self.afterCommit = afterCommit
  }
}
