internal import Clock
public import CommandCenter
public import CommandCenterAPI
internal import Synchronization

/// What a script asks for: a payload that has passed all checks, and what it is about.
public struct BackupRequest: Sendable {
  /// The Command Center's name in the script.
  public var commcell: String
  public var center: CommandCenter
  public var workload: String
  public var target: String
  public var levelAsked: String?
  /// The body of `POST /createtask`.
  public var payload: [UInt8]
  /// Outcomes that count as good; nil for the usual ones.
  public var okIf: Set<Outcome>?
  public var place: String?

  public init(
    commcell: String, center: CommandCenter, workload: String, target: String, levelAsked: String?,
    payload: [UInt8], okIf: Set<Outcome>? = nil, place: String? = nil
  ) {
    self.commcell = commcell
    self.center = center
    self.workload = workload
    self.target = target
    self.levelAsked = levelAsked
    self.payload = payload
    self.okIf = okIf
    self.place = place
  }
}

/// One attempt under way, which a script's task stands for.
public final class Backup: Sendable {
  fileprivate struct State {
    var attempt: Attempt
    var open: Set<String> = []
    var waiters: [@Sendable (Attempt) -> Void] = []
  }

  private let state: Mutex<State>
  let okIf: Set<Outcome>?

  init(_ attempt: Attempt, okIf: Set<Outcome>?) {
    state = Mutex(State(attempt: attempt))
    self.okIf = okIf
  }

  /// The attempt as it stands now.
  public var attempt: Attempt { state.withLock { $0.attempt } }

  /// Calls `body` when the outcome is there; at once where it is already.
  public func whenFinished(_ body: @escaping @Sendable (Attempt) -> Void) {
    let finished = state.withLock { state -> Attempt? in
      if state.attempt.outcome != nil { return state.attempt }
      state.waiters.append(body)
      return nil
    }
    if let finished { body(finished) }
  }

  /// The server took it.
  func accept(_ answer: SubmitAnswer) -> Attempt {
    state.withLock { state in
      state.attempt.taskId = answer.taskId
      state.attempt.jobIds = answer.jobIds
      state.open = Set(answer.jobIds)
      return state.attempt
    }
  }

  func note(_ job: JobSummary) -> Attempt {
    state.withLock { state in
      state.keep(job)
      return state.attempt
    }
  }

  /// One of its jobs has ended. Returns the attempt where it was the last.
  func jobEnded(_ job: JobSummary, at moment: Moment) -> (Attempt, [@Sendable (Attempt) -> Void])? {
    state.withLock { state in
      state.keep(job)
      state.open.remove(String(job.jobId))
      guard state.open.isEmpty, state.attempt.outcome == nil else { return nil }
      let outcomes = state.attempt.jobs.compactMap { Outcome($0.status) }
      let worst = Outcome.worst(outcomes) ?? .failed
      let blamed = state.attempt.jobs.first { Outcome($0.status) == worst }
      state.attempt.levelRun = blamed.map { Self.word($0.backupLevelName) }
      state.attempt.bytes = state.attempt.jobs.reduce(0) { $0 + $1.sizeOfApplication }
      // The server's own word on when it ended, where it makes sense: a poll learns of it later.
      let ends = state.attempt.jobs.compactMap { $0.jobEndTime.map { Moment(unixSeconds: $0) } }
      let ended = ends.max().flatMap { $0 >= state.attempt.started && $0 <= moment ? $0 : nil }
      return state.end(worst, blamed.flatMap(\.explanation), at: ended ?? moment, okIf)
    }
  }

  /// A level's name as scripts write it, from the server's: `Synthetic Full` is SYNTHETIC_FULL.
  private static func word(_ level: String) -> String {
    level.uppercased().split(separator: " ").joined(separator: "_")
  }

  /// It ends without a job: refused, unreachable, or with nothing to wait for.
  func end(
    _ outcome: Outcome, _ reason: String?, at moment: Moment
  ) -> (Attempt, [@Sendable (Attempt) -> Void])? {
    state.withLock { state in
      guard state.attempt.outcome == nil else { return nil }
      return state.end(outcome, reason, at: moment, okIf)
    }
  }
}

extension Backup.State {
  fileprivate mutating func keep(_ job: JobSummary) {
    if let index = attempt.jobs.firstIndex(where: { $0.jobId == job.jobId }) {
      attempt.jobs[index] = job
    } else {
      attempt.jobs.append(job)
    }
  }

  fileprivate mutating func end(
    _ outcome: Outcome, _ reason: String?, at moment: Moment, _ okIf: Set<Outcome>?
  ) -> (Attempt, [@Sendable (Attempt) -> Void]) {
    attempt.outcome = outcome
    attempt.isOk = okIf.map { $0.contains(outcome) } ?? outcome.isOkByDefault
    attempt.reason = reason
    attempt.finished = moment
    defer { waiters = [] }
    return (attempt, waiters)
  }
}

extension JobSummary {
  /// Why the job ended as it did, in the server's words; nil where it says nothing.
  var explanation: String? {
    if !pendingReason.isEmpty { return pendingReason }
    if totalFailedFiles > 0 { return "\(totalFailedFiles) of \(totalNumOfFiles) items failed" }
    return nil
  }
}
