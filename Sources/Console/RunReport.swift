public import Clock
public import Workflow

/// All that a run's closing views show.
public struct RunReport: Sendable {
  public var isSimulated: Bool
  public var seed: UInt64?
  public var night: Night
  public var started: Moment
  public var finished: Moment
  public var attempts: [Attempt]
  public var conclusion: Conclusion
  /// Whether the simulator made the attempt's target up.
  public var isInvented: @Sendable (Attempt) -> Bool
  /// The run's name in the journal; nil where it is in none.
  public var run: String?
  /// The run did not come to its end, and can be taken up again.
  public var isResumable: Bool
  /// Jobs of the run have not ended, as far as is known.
  public var hasOpenJobs: Bool
  /// Where the run went, and as whom: a line each. None where it was simulated.
  public var places: [String]
  /// What an operator should know besides what became of the backups.
  public var warnings: [String]
  /// What needs a human.
  public var attention: [AttentionReason]
  /// How many requests went to Command Centers: logins, submits, polls, others.
  public var requests: String?

  public init(
    isSimulated: Bool, seed: UInt64?, night: Night, started: Moment, finished: Moment, attempts: [Attempt],
    conclusion: Conclusion, isInvented: @escaping @Sendable (Attempt) -> Bool, run: String? = nil,
    isResumable: Bool = false, hasOpenJobs: Bool = false, places: [String] = [],
    warnings: [String] = [], attention: [AttentionReason] = [],
    requests: String? = nil
  ) {
    self.isSimulated = isSimulated
    self.seed = seed
    self.night = night
    self.started = started
    self.finished = finished
    self.attempts = attempts
    self.conclusion = conclusion
    self.isInvented = isInvented
    self.run = run
    self.isResumable = isResumable
    self.hasOpenJobs = hasOpenJobs
    self.places = places
    self.warnings = warnings
    self.attention = attention
    self.requests = requests
  }
}

extension RunReport {
  /// How a run goes on that did not come to its end.
  public var wayOn: String? {
    guard isResumable, let run else { return nil }
    return (hasOpenJobs ? "its jobs run on, and " : "") + "cvlua resume \(run) takes it up again"
  }
}
