public import Clock
public import CommandCenter
internal import CommandCenterAPI
internal import Synchronization

/// One run of a script: its attempts, their outcomes, and what it comes to.
public final class Run: Sendable {
  private struct State {
    var backups: [Backup] = []
    var attemptsOf: [TargetKey: Int] = [:]
    var failures: [BranchFailure] = []
  }

  public let clock: any RunClock
  public let started: Moment
  public let night: Night
  private let state = Mutex(State())
  private let tell: @Sendable (RunEvent) -> Void

  /// - Parameter tell: told of all that happens, on whatever thread it happens; it must be quick.
  public init(clock: any RunClock, tell: @escaping @Sendable (RunEvent) -> Void) {
    self.clock = clock
    self.tell = tell
    started = clock.now
    night = Night(start: started)
  }

  /// All attempts so far, in the order of their submits.
  public var attempts: [Attempt] {
    state.withLock { $0.backups }.map(\.attempt)
  }

  /// Branches that raised, in order.
  public var failures: [BranchFailure] {
    state.withLock { $0.failures }
  }

  /// Sends one backup. What the server or the network says becomes the attempt's outcome; nothing raises.
  /// Called with a hold on the clock.
  public func submit(_ request: BackupRequest) async -> Backup {
    let backup = newBackup(
      commcell: request.commcell, workload: request.workload, target: request.target,
      levelAsked: request.levelAsked, okIf: request.okIf, place: request.place)
    do throws(CommandCenterError) {
      let answer = try await request.center.submit(request.payload)
      let attempt = backup.accept(answer)
      tell(.submitted(attempt))
      if answer.jobIds.isEmpty {
        end(backup, .completed, "scheduled as task \(answer.taskId); no job runs yet")
      }
      for jobId in answer.jobIds.compactMap({ Int64($0) }) {
        _ = await request.center.watch(jobId, submitted: backup.attempt.started) { [self] event in
          switch event {
          case .changed(let job): tell(.changed(backup.note(job), job))
          case .ended(let job):
            if let (attempt, waiters) = backup.jobEnded(job, at: clock.now) { announce(attempt, waiters) }
          case .lost:
            end(backup, .ambiguous, "the Command Center accepted job \(jobId), but does not know it now")
          }
        }
      }
    } catch {
      end(backup, Outcome(error.kind), error.description)
    }
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
  }

  /// Hands on what a Command Center has to tell.
  public func note(_ event: CommandCenterEvent, of commcell: String) {
    switch event {
    case .outageBegan(let error): tell(.outage(commcell: commcell, reason: error.message))
    case .outageEnded: tell(.recovered(commcell: commcell))
    case .unknownStatus(let jobId, let status):
      let message = "job \(jobId) is in a state that no list names: \(status); it is waited for"
      tell(.logged(LogLine(level: .warning, message: message, fields: [("commcell", commcell)])))
    case .warning(let message):
      tell(.logged(LogLine(level: .warning, message: message, fields: [("commcell", commcell)])))
    }
  }

  public func log(_ line: LogLine) {
    tell(.logged(line))
  }

  /// Waits until every attempt has its outcome. Called with a hold on the clock.
  public func settle() async {
    var index = 0
    while let backup = state.withLock({ index < $0.backups.count ? $0.backups[index] : nil }) {
      let _: Bool = await clock.park { resume in
        backup.whenFinished { _ in resume(true) }
      }
      index += 1
    }
  }

  private func newBackup(
    commcell: String, workload: String, target: String, levelAsked: String?, okIf: Set<Outcome>?,
    place: String?
  ) -> Backup {
    let started = clock.now
    return state.withLock { state in
      var attempt = Attempt(
        number: state.backups.count + 1, commcell: commcell, workload: workload, target: target, attempt: 1,
        levelAsked: levelAsked, started: started, place: place)
      state.attemptsOf[attempt.key, default: 0] += 1
      attempt.attempt = state.attemptsOf[attempt.key] ?? 1
      let backup = Backup(attempt, okIf: okIf)
      state.backups.append(backup)
      return backup
    }
  }

  private func end(_ backup: Backup, _ outcome: Outcome, _ reason: String?) {
    if let (attempt, waiters) = backup.end(outcome, reason, at: clock.now) { announce(attempt, waiters) }
  }

  private func announce(_ attempt: Attempt, _ waiters: [@Sendable (Attempt) -> Void]) {
    tell(.finished(attempt))
    for waiter in waiters { waiter(attempt) }
  }
}

extension Outcome {
  /// What a submit comes to that the Command Center did not take.
  fileprivate init(_ kind: CommandCenterError.Kind) {
    self =
      switch kind {
      case .busy: .busy
      case .ambiguous, .unintelligible: .ambiguous
      case .unreachable, .notLoggedIn, .cancelled: .unreachable
      case .rejected, .notFound, .rateLimited: .rejected
      }
  }
}
