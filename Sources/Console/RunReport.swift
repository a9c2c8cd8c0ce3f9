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
  /// How many requests went to Command Centers: logins, submits, polls, others.
  public var requests: String?

  public init(
    isSimulated: Bool, seed: UInt64?, night: Night, started: Moment, finished: Moment, attempts: [Attempt],
    conclusion: Conclusion, isInvented: @escaping @Sendable (Attempt) -> Bool, requests: String? = nil
  ) {
    self.isSimulated = isSimulated
    self.seed = seed
    self.night = night
    self.started = started
    self.finished = finished
    self.attempts = attempts
    self.conclusion = conclusion
    self.isInvented = isInvented
    self.requests = requests
  }
}
