public import Clock

/// Which runs to list. What is nil is not asked for.
public struct RunFilter: Hashable, Sendable {
  /// The path of the script.
  public var script: String?
  /// Any of these.
  public var states: Set<RunState>?
  public var night: String?
  public var isSimulated: Bool?
  /// Started at this moment or later.
  public var since: Moment?
  /// At most this many, the newest.
  public var limit: Int?

  public init(script: String? = nil, states: Set<RunState>? = nil, limit: Int? = nil) {
    self.script = script
    self.states = states
    self.limit = limit
  }

  /// Runs that a live or a dead process left without an end.
  public static let unfinished = RunFilter(states: Set(RunState.allCases.filter { !$0.isEnd }))
}
