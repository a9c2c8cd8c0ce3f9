public import Clock

/// What a step does.
public enum StepKind: String, Hashable, Sendable, CaseIterable {
  case submit, wait, step, sleep, `defer`, notify
  /// A random number, a time, the winner of a race: whatever a replay must see again.
  case value
}

/// Where a step stands.
public enum StepState: String, Hashable, Sendable, CaseIterable {
  /// About to be done. Found at a resume, a submit in this state may have been sent or not.
  case intent
  /// The Command Center took it; its jobs are known.
  case submitted
  /// It has its result, whichever.
  case done
  /// It came to nothing, for good.
  case failed
  /// A submit whose answer never came.
  case ambiguous
  /// Waits for a decision of somebody.
  case needsOperator = "needs_operator"
  /// Will never be done.
  case abandoned

  /// Whether the step itself is over. Its jobs may run on.
  public var isEnd: Bool { self == .done || self == .failed || self == .abandoned }
}

/// One sending of a submit.
public struct Attempt: Hashable, Sendable {
  /// Counts from 1.
  public var number: Int
  /// Goes out with the request, so that its jobs can be found again. No secret.
  public var token: String
  /// The request is not sent later than this.
  public var sendBefore: Moment

  public init(number: Int, token: String, sendBefore: Moment) {
    self.number = number
    self.token = token
    self.sendBefore = sendBefore
  }
}

/// A step that begins.
public struct NewStep: Hashable, Sendable {
  /// Unique within the run, and the same in each replay.
  public var key: String
  public var kind: StepKind
  /// Equal keys with unequal arguments are a divergence; whoever replays compares.
  public var argumentsHash: String
  /// The line of the script: `nightly.lua:12`.
  public var place: String?
  public var startedAt: Moment
  /// Of a submit: what is about to be sent, and to which Command Center (its own identity, not its URL).
  public var attempt: Attempt?
  public var server: String?

  public init(
    key: String, kind: StepKind, argumentsHash: String = "", place: String? = nil, startedAt: Moment,
    attempt: Attempt? = nil, server: String? = nil
  ) {
    self.key = key
    self.kind = kind
    self.argumentsHash = argumentsHash
    self.place = place
    self.startedAt = startedAt
    self.attempt = attempt
    self.server = server
  }
}

/// A step as the store has it.
public struct StepRecord: Hashable, Sendable {
  public var key: String
  public var kind: StepKind
  public var state: StepState
  public var argumentsHash: String
  public var place: String?
  public var startedAt: Moment
  /// When it came to its end, or to the point where somebody must decide.
  public var endedAt: Moment?
  /// The latest attempt.
  public var attempt: Attempt?
  /// Those before it: their jobs may yet turn up.
  public var earlierAttempts: [Attempt] = []
  public var server: String?
  /// The Command Center's id of the task, once known.
  public var task: String?
  public var jobs: [JobRecord] = []
  /// What it had before somebody said otherwise.
  public var droppedJobs: [JobRecord] = []
  /// Opaque; nil where it has none yet.
  public var result: [UInt8]?
  /// For people: on what evidence a job was adopted, why somebody must decide.
  public var note: String?
}
