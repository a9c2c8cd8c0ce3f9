internal import Clock
internal import CommandCenter
internal import CommandCenterAPI

extension Run {
  /// How long a killed job may take to end.
  private static let grace = Duration.seconds(900)
  /// By how much a job must have begun later than its submit, so that clocks set apart do not count.
  private static let clockMargin = Duration.seconds(60)

  /// When all of a backup must be over; nil where it may take for ever.
  static func deadline(_ backup: Backup, _ request: BackupRequest) -> Moment? {
    request.limits[.total].map { backup.asked + $0.after }
  }

  /// Sees to the time limits of a backup whose jobs are known.
  func keepLimits(of backup: Backup, _ request: BackupRequest) {
    let submitted = backup.attempt.started
    if let after = request.limits.warnAfter {
      at(submitted + after, for: backup) { run in run.warn(backup, after) }
    }
    for kind in [TimeLimits.Kind.start, .finish, .total] {
      guard let limit = request.limits[kind] else { continue }
      let deadline = (kind == .total ? backup.asked : submitted) + limit.after
      at(deadline, for: backup) { run in await run.reached(kind, limit, backup, request) }
    }
    if let limit = request.limits[.progress] {
      backup.progressed(at: clock.now)
      at(clock.now + limit.after, for: backup) { run in await run.checkProgress(limit, backup, request) }
    }
  }

  /// Does `body` at that moment where the backup has no outcome by then.
  private func at(
    _ moment: Moment, for backup: Backup, _ body: @escaping @Sendable (Run) async -> Void
  ) {
    let timer = clock.schedule(at: moment) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: executor) {
        if backup.attempt.outcome == nil { await body(self) }
        self.clock.release()
      }
    }
    backup.whenFinished { [clock] _ in clock.cancel(timer) }
  }

  private func warn(_ backup: Backup, _ after: Duration) {
    let attempt = backup.attempt
    let jobs = attempt.jobIds.joined(separator: ", ")
    log(
      LogLine(
        level: .warning,
        message:
          "\(attempt.workload) \(attempt.target): job \(jobs) is not over after \(DurationText.short(after))",
        fields: []))
  }

  /// A limit of time is reached: looks whether it is really so, and does what it says.
  private func reached(
    _ kind: TimeLimits.Kind, _ limit: TimeLimits.Limit, _ backup: Backup, _ request: BackupRequest
  ) async {
    // What the watcher knows may be minutes old.
    guard let jobs = await look(backup, request) else {
      return await giveUp(
        backup, request, "\(kind.sentence(limit.after)), and the Command Center does not answer")
    }
    let open = jobs.filter { !($0.summary?.status.isTerminal ?? false) }
    // The watcher brings the ends of the others.
    var late = open
    switch kind {
    case .start: late = open.filter { $0.summary?.hasNotBegun ?? true }
    case .finish:
      // A submit may have waited for another backup before: then the job itself is younger.
      let begun = open.compactMap { $0.summary.map { Moment(unixSeconds: $0.jobStartTime) } }.max()
      if let begun, begun > backup.attempt.started + Self.clockMargin, begun + limit.after > clock.now {
        return at(begun + limit.after, for: backup) { run in
          await run.reached(kind, limit, backup, request)
        }
      }
    case .total, .progress: break
    }
    if !late.isEmpty { await act(limit.action, kind.sentence(limit.after), late, backup, request) }
  }

  private func checkProgress(
    _ limit: TimeLimits.Limit, _ backup: Backup, _ request: BackupRequest
  ) async {
    func again(_ moment: Moment) {
      at(moment, for: backup) { run in await run.checkProgress(limit, backup, request) }
    }
    let due = backup.lastProgress + limit.after
    if due > clock.now { return again(due) }
    // While nobody answers, nobody knows; an outage is told by itself.
    guard let jobs = await look(backup, request) else { return again(clock.now + limit.after) }
    for case let job? in jobs.map(\.summary) { backup.observe(job, at: clock.now) }
    if backup.lastProgress + limit.after > clock.now { return again(backup.lastProgress + limit.after) }
    let open = jobs.filter { !($0.summary?.status.isTerminal ?? false) }
    if !open.isEmpty {
      await act(limit.action, TimeLimits.Kind.progress.sentence(limit.after), open, backup, request)
    }
  }

  private struct LookedAt {
    var id: Int64
    /// Nil where the server does not know it, or not yet.
    var summary: JobSummary?
  }

  /// What its jobs are at right now; nil where the server does not tell.
  private func look(_ backup: Backup, _ request: BackupRequest) async -> [LookedAt]? {
    var jobs: [LookedAt] = []
    for id in backup.openJobs {
      do throws(CommandCenterError) {
        jobs.append(LookedAt(id: id, summary: try await request.center.job(id)))
      } catch {
        guard error.kind == .notFound else { return nil }
        jobs.append(LookedAt(id: id))
      }
    }
    return jobs
  }

  private func act(
    _ action: TimeLimits.Action, _ why: String, _ jobs: [LookedAt], _ backup: Backup,
    _ request: BackupRequest
  ) async {
    // It may have ended while it was looked at.
    guard backup.attempt.outcome == nil else { return }
    let reason = jobs.compactMap { $0.summary?.pendingReason }.first { !$0.isEmpty }.map { " (\($0))" } ?? ""
    let names = "job \(jobs.map { String($0.id) }.joined(separator: ", "))"
    if backup.attempt.isAttached {
      return await giveUp(backup, request, "\(why)\(reason); \(names) is not this run's and runs on")
    }
    switch action {
    case .giveUp: await giveUp(backup, request, "\(why)\(reason); \(names) runs on")
    case .suspend:
      var left: [String] = []
      for job in jobs {
        do throws(CommandCenterError) {
          // One that somebody else has suspended stays his.
          if job.summary?.status == .suspended {
            throw CommandCenterError(.rejected, "It is suspended already.")
          }
          try await request.center.pause(job.id)
          backup.suspended(String(job.id))
        } catch { left.append(error.description) }
      }
      let done = left.isEmpty ? "so this run suspended \(names)" : "and \(names) could not be suspended"
      await giveUp(backup, request, ([why + reason + ", " + done] + left).joined(separator: ": "))
    case .kill:
      backup.killed(because: "\(why), so this run killed it")
      for job in jobs {
        do throws(CommandCenterError) { try await request.center.kill(job.id) } catch {
          return await giveUp(
            backup, request,
            "\(why)\(reason); job \(job.id) could not be killed and runs on: \(error.description)")
        }
      }
      log(
        LogLine(
          level: .warning, message: "\(request.target): \(why)\(reason), so \(names) is killed", fields: []))
      at(clock.now + Self.grace, for: backup) { run in
        await run.giveUp(backup, request, "\(why); \(names) was told to die and has not ended since")
      }
    }
  }

  private func giveUp(_ backup: Backup, _ request: BackupRequest, _ reason: String) async {
    await settle(backup, .gaveUp, reason)
    // Its permits are free when its job has ended. Else a watch that nobody waits for would keep a virtual clock
    // running after the script's end, for ever where the job is suspended.
    if !request.pools.isEmpty, backup.attempt.suspendedJobs.isEmpty { return }
    for (center, watch) in backup.watches { await center.unwatch(watch) }
  }
}

extension JobSummary {
  /// It waits to begin: nothing of it is done, and it does not run.
  fileprivate var hasNotBegun: Bool {
    switch status {
    case .queued, .waiting, .pending, .suspend, .suspended, .suspendPending:
      percentComplete == 0 && sizeOfApplication == 0 && totalNumOfFiles == 0
    default: false
    }
  }
}
