public import Clock
public import CommandCenterAPI

/// One submit of one target, from the question to the answer: a line of the recap.
public struct Attempt: Sendable {
  /// Counts all attempts of the run, from 1.
  public var number: Int
  /// The Command Center's name in the script; `default` for the run's own.
  public var commcell: String
  /// `dynamodb`, `rds`, … or the name that `backup.define` gave.
  public var workload: String
  /// `aws-prod/DynamoDB/1042`
  public var target: String
  /// Counts the attempts at this target, from 1.
  public var attempt: Int
  /// The level that the payload names; nil where it names none.
  public var levelAsked: String?
  /// The level that the server says it ran, as scripts write it.
  public var levelRun: String?
  public var taskId: Int64?
  public var jobIds: [String] = []
  /// What is known of each job, in the order of `jobIds`.
  public var jobs: [JobSummary] = []
  /// Nil while it is under way.
  public var outcome: Outcome?
  /// Whether the outcome counts as good (`ok_if`).
  public var isOk = false
  /// Why it is not good, or what is to be told of a good one.
  public var reason: String?
  /// One of its jobs backed up something else than was asked for.
  public var isOfAnotherTarget = false
  public var started: Moment
  public var finished: Moment?
  /// Size of what was backed up, in bytes, as the server tells it.
  public var bytes: Int64?
  /// `file:line` of the script that asked for it.
  public var place: String?
  /// Its job was there already and is not this attempt's own: `on_busy`.
  public var isAttached = false
  /// Those of its jobs that this run has suspended.
  public var suspendedJobs: [String] = []

  public init(
    number: Int, commcell: String, workload: String, target: String, attempt: Int, levelAsked: String? = nil,
    started: Moment, place: String? = nil
  ) {
    self.number = number
    self.commcell = commcell
    self.workload = workload
    self.target = target
    self.attempt = attempt
    self.levelAsked = levelAsked
    self.started = started
    self.place = place
  }

  /// What there is to tell of a job that is not its own.
  var attachment: String? {
    isAttached ? "job \(jobIds.joined(separator: ", ")) was running already, and was waited for" : nil
  }

  /// Names the target among all of the run.
  public var key: TargetKey { TargetKey(commcell: commcell, workload: workload, target: target) }
}

/// Names a target among all of a run.
public struct TargetKey: Hashable, Sendable {
  public let commcell: String
  public let workload: String
  public let target: String
}
