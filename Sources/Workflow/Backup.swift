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
  /// What is to be backed up, as far as the payload says it; each job is compared with these.
  public var targets: [Target]
  public var levelAsked: String?
  /// The body of `POST /createtask`.
  public var payload: [UInt8]
  /// Outcomes that count as good; nil for the usual ones.
  public var okIf: Set<Outcome>?
  public var place: String?
  /// What the script calls it (`run.key`), in place of its target, to know it again in another life of the run.
  public var key: String?
  /// The step of the script's own that it is asked for in, as the journal's keys name it.
  public var within: String?
  /// A moment after which it is not sent any more: the end of its stretch of the window.
  var latest: Moment?
  /// What it takes a share of before it is sent.
  public var pools: [Pool] = []
  /// How whoever asked takes it back before it is sent; nil where nobody can.
  public var withdrawal: Withdrawal?
  /// It is sent only where that is on record: its branch lost a race in an earlier life of the run.
  public var onlyReplays = false
  /// How long it may take.
  public var limits = TimeLimits()
  /// What is done where another backup of the target runs; nil attaches where that one covers what is asked, and
  /// else waits.
  public var onBusy: WhenBusy?
  /// What is sent in place of the payload, whose hash leaves out how it is marked.
  public var body: [UInt8]?
  /// Where its token goes in what is sent; nil where it has no place for one.
  public var tag: TagPoint?

  public init(
    commcell: String, center: CommandCenter, workload: String, target: String, targets: [Target] = [],
    levelAsked: String?, payload: [UInt8], okIf: Set<Outcome>? = nil, place: String? = nil
  ) {
    self.commcell = commcell
    self.center = center
    self.workload = workload
    self.target = target
    self.targets = targets
    self.levelAsked = levelAsked
    self.payload = payload
    self.okIf = okIf
    self.place = place
  }

  /// Whether its branch still wants it sent.
  var isWanted: @Sendable () -> Bool {
    { [withdrawal] in !(withdrawal?.hasHappened ?? false) }
  }

  /// Why a backup was not sent whose branch was cancelled.
  static let withdrawn = "its branch was cancelled before it was sent"

  /// What messages call it: `rds aws-prod/eu-west-1/crm`.
  var name: String { Attempt.name(commcell: commcell, workload: workload, target: target) }
}

/// One attempt under way, which a script's task stands for.
public final class Backup: Sendable {
  fileprivate struct State {
    var attempt: Attempt
    var open: Set<String> = []
    /// When the script asked for it.
    var asked: Moment
    /// Why this run killed its jobs.
    var killReason: String?
    /// What was last seen of each job, and when something of it changed last.
    var progress: [Int64: JobProgress] = [:]
    var lastProgress: Moment
    /// Who watches its jobs.
    var watches: [(CommandCenter, WatchID)] = []
    var waiters: [@Sendable (Attempt) -> Void] = []
  }

  private let state: Mutex<State>
  let okIf: Set<Outcome>?
  /// What its jobs are to back up, as far as that is known.
  private let targets: [Target]
  /// Its place in the journal, where the run keeps one.
  let step: SubmitStep?
  /// The step of the script's own that it was asked for in.
  let within: String?

  init(
    _ attempt: Attempt, okIf: Set<Outcome>?, targets: [Target] = [], step: SubmitStep? = nil,
    within: String? = nil
  ) {
    self.within = within
    state = Mutex(State(attempt: attempt, asked: attempt.started, lastProgress: attempt.started))
    self.okIf = okIf
    self.targets = targets
    self.step = step
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

  /// It is about to be sent: what it waited for before is none of its time.
  func begin(at moment: Moment) { state.withLock { $0.attempt.started = moment } }

  /// It is over, and none of its jobs is known to run.
  var isWithoutJobs: Bool { state.withLock { $0.attempt.outcome != nil && $0.open.isEmpty } }

  /// The server does not know the job any more.
  func forget(_ job: Int64) { state.withLock { _ = $0.open.remove(String(job)) } }

  /// The server took it.
  func accept(_ answer: SubmitAnswer) -> Attempt {
    state.withLock { state in
      state.attempt.taskId = answer.taskId
      state.attempt.jobIds = answer.jobIds
      state.open = Set(answer.jobIds)
      return state.attempt
    }
  }

  /// It has these jobs, as the journal or the server says.
  func adopt(task: Int64?, jobs: [String], started: Moment) {
    state.withLock { state in
      state.attempt.taskId = task
      state.attempt.jobIds = jobs
      state.attempt.started = started
      state.asked = min(state.asked, started)
      state.open = Set(jobs)
    }
  }

  /// A job that was there already does for it.
  func attach(to job: String) {
    state.withLock { state in
      state.attempt.jobIds = [job]
      state.attempt.isAttached = true
      state.open = [job]
    }
  }

  // MARK: time

  /// When the script asked for it.
  var asked: Moment { state.withLock { $0.asked } }

  /// Its time begins now.
  func ask(at moment: Moment) { state.withLock { $0.asked = moment } }

  /// Its jobs that have not ended, as far as is known.
  var openJobs: [Int64] { state.withLock { $0.open }.compactMap { Int64($0) }.sorted() }

  /// This run kills its jobs.
  func killed(because reason: String) { state.withLock { $0.killReason = reason } }

  /// This run has suspended one of its jobs.
  func suspended(_ job: String) { state.withLock { $0.attempt.suspendedJobs.append(job) } }

  /// When something of its jobs changed last.
  var lastProgress: Moment { state.withLock { $0.lastProgress } }

  func progressed(at moment: Moment) { state.withLock { $0.lastProgress = moment } }

  /// Notes how far a job is.
  func observe(_ job: JobSummary, at moment: Moment) {
    state.withLock { state in
      let progress = JobProgress(job)
      if state.progress.updateValue(progress, forKey: job.jobId) != progress { state.lastProgress = moment }
    }
  }

  /// Who watches its jobs, for whom nobody may wait any more.
  var watches: [(CommandCenter, WatchID)] { state.withLock { $0.watches } }

  func isWatched(by watch: WatchID, at center: CommandCenter) {
    state.withLock { $0.watches.append((center, watch)) }
  }

  /// It ended in an earlier life of the run.
  ///
  /// - Returns: false where that is not understood.
  func restore(_ result: [UInt8]) -> Bool {
    state.withLock { $0.attempt.take(result: result) }
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
      state.attempt.levelRun = Self.levelRun(state.attempt, blamed)
      state.attempt.bytes = state.attempt.jobs.reduce(0) { $0 + $1.sizeOfApplication }
      // The server's own word on when it ended, where it makes sense: a poll learns of it later.
      let ends = state.attempt.jobs.compactMap { $0.jobEndTime.map { Moment(unixSeconds: $0) } }
      let ended = ends.max().flatMap { $0 >= state.attempt.started && $0 <= moment ? $0 : nil }
      if let stranger = state.attempt.jobs.first(where: isOfAnotherTarget) {
        let subclient = stranger.subclient
        state.attempt.isOfAnotherTarget = true
        let id = subclient.subclientId > 0 ? " (subclientId \(subclient.subclientId))" : ""
        // Nothing that a script takes for good makes another target's backup this one's.
        return state.end(
          .ambiguous,
          "\(state.attempt.target) was asked for, but job \(stranger.jobId) backed up \(subclient.path)\(id)",
          at: ended ?? moment, [])
      }
      let own = worst == .killed ? state.killReason : nil
      return state.end(
        worst, own ?? blamed.flatMap(\.explanation) ?? state.attempt.attachment, at: ended ?? moment, okIf)
    }
  }

  /// Whether a job backs up what nobody asked for, as far as both sides say what it is.
  private func isOfAnotherTarget(_ job: JobSummary) -> Bool {
    !targets.isEmpty && targets.allSatisfy { $0.differs(from: job.subclient) }
  }

  /// The level really run: of several jobs one that is not what was asked for, else the blamed one's.
  private static func levelRun(_ attempt: Attempt, _ blamed: JobSummary?) -> String? {
    let levels = attempt.jobs.compactMap(word)
    let other = attempt.levelAsked.flatMap { asked in levels.first { $0 != asked } }
    return other ?? blamed.flatMap(word)
  }

  /// A job's level as scripts write it: `Synthetic Full` is SYNTHETIC_FULL. Nil where the server names none.
  private static func word(_ job: JobSummary) -> String? {
    if let level = job.levelRun { return level.name }
    let words = job.backupLevelName.uppercased().split(separator: " ")
    return words.isEmpty ? nil : words.joined(separator: "_")
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

/// How far a job is.
struct JobProgress: Hashable {
  private let phase: String
  private let numbers: [Int64]

  init(_ job: JobSummary) {
    phase = job.currentPhaseName
    numbers = [job.percentComplete, job.sizeOfApplication, job.totalNumOfFiles]
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
