public import Clock
public import CommandCenter
internal import CommandCenterAPI
internal import Synchronization

/// One run of a script: its attempts, their outcomes, and what it comes to.
public final class Run: Sendable {
  private struct State {
    var backups: [Backup] = []
    /// Those that were asked for within a step of the script's own, while they are open.
    var inSteps: [Backup] = []
    var attemptsOf: [TargetKey: Int] = [:]
    var failures: [BranchFailure] = []
    /// Command Centers that do not answer, by their names in the script.
    var silent: Set<String> = []
    /// Ends the wait that ``settle()`` is in.
    var settled: OneAnswer<Bool>?
    var hasStopped = false
  }

  public let clock: any RunClock
  public let started: Moment
  public let night: Night
  /// Its window, and whatever else bounds it.
  let bounds: Bounds
  /// The journal, where the run keeps one.
  public let ledger: Ledger?
  /// Where what comes of its jobs is taken up; nil for the runtime's own choice.
  let executor: (any TaskExecutor)?
  /// How often to look how far jobs are; nil for the client's own choice.
  let progressEvery: Duration?
  /// What is shared out among submits.
  let pools: Pools
  private let state = Mutex(State())
  let tell: @Sendable (RunEvent) -> Void

  /// - Parameters:
  ///   - rules: what the command line says.
  ///   - started: when the run was first started, where this is not its first life.
  ///   - progressEvery: how often to look how far jobs are, where somebody watches; nil for seldom.
  ///   - tell: told of all that happens, on whatever thread it happens; it must be quick.
  public init(
    clock: any RunClock, rules: RunRules = RunRules(), started: Moment? = nil, ledger: Ledger? = nil,
    executor: (any TaskExecutor)? = nil, progressEvery: Duration? = nil,
    tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.clock = clock
    bounds = Bounds(rules)
    self.ledger = ledger
    self.executor = executor
    self.progressEvery = progressEvery
    pools = Pools(clock, executor)
    self.tell = tell
    self.started = started ?? clock.now
    night = Night(start: self.started)
  }

  /// All attempts so far, in the order of their submits.
  public var attempts: [Attempt] {
    state.withLock { $0.backups }.map(\.attempt)
  }

  /// Branches that raised, in order.
  public var failures: [BranchFailure] {
    state.withLock { $0.failures }
  }

  /// Notes a backup that is not sent, since the Command Center could not tell what its names mean.
  public func refuse(_ request: BackupRequest, since error: CommandCenterError) -> Backup {
    let backup = newBackup(request)
    // A question that is not understood has started nothing.
    let outcome = error.kind == .unintelligible ? .unreachable : Outcome(error.kind)
    end(backup, outcome, "what its names mean could not be looked up: \(error.description)")
    return backup
  }

  /// Notes that a target is left out, and why.
  @discardableResult
  public func skip(commcell: String, workload: String, target: String, reason: String, place: String?)
    -> Backup
  {
    let backup = newBackup(
      commcell: commcell, workload: workload, target: target, levelAsked: nil, okIf: nil, place: place)
    end(backup, .skipped, reason)
    return backup
  }

  /// Notes that a branch raised.
  public func branchFailed(_ failure: BranchFailure) {
    state.withLock { $0.failures.append(failure) }
    tell(.branchFailed(failure))
    raise(AttentionReason(.branch, failure.sentence))
  }

  /// Hands on what a Command Center has to tell.
  ///
  /// - Parameters:
  ///   - commcell: its name in the script.
  ///   - name: what people call it.
  public func note(_ event: CommandCenterEvent, of commcell: String, called name: String) {
    switch event {
    case .outageBegan(let error): doesNotAnswer(commcell, called: name, error.message)
    case .outageEnded: answers(commcell, called: name)
    case .unknownStatus(let jobId, let status):
      let message = "job \(jobId) is in a state that no list names: \(status); it is waited for"
      tell(.logged(LogLine(level: .warning, message: message, fields: [("commcell", name)])))
    case .delayed(let waiting, let last, let limit):
      let grant = limit.map {
        "the server grants \($0.requests) write\($0.requests == 1 ? "" : "s") in \(DurationText.short($0.period))"
      }
      let time = CivilTime(last)
      let message =
        "\(waiting) submit\(waiting == 1 ? " waits for its" : "s wait for their") turn (\(grant ?? "the server wants them slower")); the last goes out at \(time.date) \(time.time)"
      tell(.logged(LogLine(level: .warning, message: message, fields: [("commcell", name)])))
    case .warning(let message):
      tell(.logged(LogLine(level: .warning, message: message, fields: [("commcell", name)])))
    }
  }

  /// A Command Center does not answer, and is asked again: told once for each outage.
  func doesNotAnswer(_ commcell: String, called name: String, _ reason: String) {
    guard state.withLock({ $0.silent.insert(commcell).inserted }) else { return }
    tell(.outage(commcell: commcell, name: name, reason: reason))
  }

  /// It does answer.
  func answers(_ commcell: String, called name: String) {
    guard state.withLock({ $0.silent.remove(commcell) }) != nil else { return }
    tell(.recovered(commcell: commcell, name: name))
  }

  public func log(_ line: LogLine) {
    tell(.logged(line))
  }

  /// Waits until every attempt has its outcome, or until ``stopSettling()``. Called with a hold on the clock.
  public func settle() async {
    var index = 0
    while true {
      let finished = OneAnswer<Bool>(clock)
      let next = state.withLock { state -> Backup? in
        state.settled = finished
        return state.hasStopped || index == state.backups.count ? nil : state.backups[index]
      }
      guard let next else { return }
      next.whenFinished { _ in finished.give(true) }
      guard await finished.value() else { return }
      index += 1
    }
  }

  /// Nobody waits any longer for what is under way: it goes on at the Command Center.
  public func stopSettling() {
    let waiting = state.withLock { state in
      state.hasStopped = true
      return state.settled
    }
    waiting?.give(false)
  }

  func newBackup(_ request: BackupRequest, _ step: SubmitStep? = nil) -> Backup {
    newBackup(
      step,
      commcell: request.commcell, workload: request.workload, target: request.target,
      targets: request.targets, levelAsked: request.levelAsked, okIf: request.okIf, place: request.place,
      within: request.within)
  }

  /// One that the journal tells of.
  func newBackup(_ kept: Attempt) -> Backup {
    newBackup(
      commcell: kept.commcell, workload: kept.workload, target: kept.target, levelAsked: kept.levelAsked,
      okIf: nil, place: kept.place)
  }

  private func newBackup(
    _ step: SubmitStep? = nil,
    commcell: String, workload: String, target: String, targets: [Target] = [], levelAsked: String?,
    okIf: Set<Outcome>?, place: String?, within: String? = nil
  ) -> Backup {
    let started = clock.now
    return state.withLock { state in
      var attempt = Attempt(
        number: state.backups.count + 1, commcell: commcell, workload: workload, target: target, attempt: 1,
        levelAsked: levelAsked, started: started, place: place)
      state.attemptsOf[attempt.key, default: 0] += 1
      attempt.attempt = state.attemptsOf[attempt.key] ?? 1
      let backup = Backup(attempt, okIf: okIf, targets: targets, step: step, within: within)
      state.backups.append(backup)
      if within != nil { state.inSteps.append(backup) }
      return backup
    }
  }

  /// A backup that was asked for within a step and has not come to its end; nil where there is none.
  public func openBackup(within scope: String) -> Backup? {
    state.withLock { state in
      state.inSteps.removeAll { $0.attempt.outcome != nil }
      return state.inSteps.first { $0.within.map { StepKey.scopes($0[...]).contains(scope) } ?? false }
    }
  }

  func end(_ backup: Backup, _ outcome: Outcome, _ reason: String?) {
    if let (attempt, waiters) = backup.end(outcome, reason, at: clock.now) { announce(attempt, waiters) }
    freePermits(of: backup)
  }

  func announce(_ attempt: Attempt, _ waiters: [@Sendable (Attempt) -> Void]) {
    tell(.finished(attempt))
    if let reason = AttentionReason(attempt) { raise(reason) }
    for waiter in waiters { waiter(attempt) }
  }
}
