/// Where a run stands.
public enum RunState: String, Hashable, Sendable, CaseIterable {
  /// A process drives it, or died while it did: whether one lives, its lock tells, not this.
  case running
  /// It came to its end; the exit code says how.
  case finished
  /// Stopped by a signal, to be resumed.
  case interrupted
  /// Given up: what it had not submitted never will be.
  case abandoned
  /// A step waits for a decision of somebody.
  case needsOperator = "needs_operator"

  /// Whether nothing more will come of it. Such a run is not claimed again, and may be pruned.
  public var isEnd: Bool { self == .finished || self == .abandoned }
}
