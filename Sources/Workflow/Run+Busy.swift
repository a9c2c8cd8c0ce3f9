internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

/// What is done where the server says that another backup of the target runs.
public enum WhenBusy: String, CaseIterable, Sendable {
  /// Waits for that backup in place of one of our own, whatever its level; it may be somebody else's.
  case attach
  /// Waits until it has ended, and submits then.
  case wait
  /// The outcome is `busy`.
  case fail
}

extension Run {
  enum BusyAnswer {
    /// It waits for a job that is there.
    case attached
    /// It may be sent now.
    case again
    case over(Outcome, String)
  }

  /// What came of earlier sendings of one backup.
  struct BusyCount {
    /// How often no job was found.
    var doubts = 0
    /// Whether it has been told that it waits: once is enough.
    var hasTold = false
  }

  /// How often a server may say busy while no job is to be seen.
  private static let mostDoubts = 3

  /// Finds out which backup runs, and waits for it or takes its job for ours. Called with a hold on the clock.
  ///
  func whenBusy(
    _ backup: Backup, _ request: BackupRequest, _ error: CommandCenterError, count: inout BusyCount
  ) async -> BusyAnswer {
    if request.onBusy == .fail { return .over(.busy, error.description) }
    let active: [JobSummary]
    do throws(CommandCenterError) { active = try await activeJobs(of: request) } catch let unknown {
      return .over(
        .busy, "\(error.description) Which one it is could not be found out: \(unknown.description)")
    }
    if active.isEmpty {
      count.doubts += 1
      guard count.doubts < Self.mostDoubts else {
        return .over(.busy, "\(error.description) Among the active jobs none is of it.")
      }
      try? await clock.sleep(for: request.center.settle)
      return .again
    }
    await resumeOwn(active, request)
    if let job = Self.jobToAttach(request, active) {
      await attach(backup, request, job)
      return .attached
    }
    defer { count.hasTold = true }
    return await waitForOthers(isTold: count.hasTold, active, backup, request, error)
  }

  private func activeJobs(of request: BackupRequest) async throws(CommandCenterError) -> [JobSummary] {
    var query = JobQuery()
    query.category = .active
    return try await request.center.allJobs(query).filter { job in
      !job.status.isTerminal && (job.jobType.isEmpty || job.jobType.lowercased().contains("backup"))
        && request.targets.contains { !$0.differs(from: job.subclient) }
    }.sorted { $0.jobId < $1.jobId }
  }

  /// The job that does for what was asked; nil where there is none.
  private static func jobToAttach(_ request: BackupRequest, _ active: [JobSummary]) -> JobSummary? {
    if request.onBusy == .wait || request.targets.count != 1 || request.isCopyOnly { return nil }
    let jobs = active.filter { !$0.backupLevelName.lowercased().contains("copy") }
    let asked = request.levelAsked.flatMap { BackupLevel(named: $0) }
    let covering = jobs.first { job in
      guard let level = job.levelRun else { return false }
      // The server's own level may be any.
      guard let asked else { return level == .full }
      return level.covers(asked)
    }
    return covering ?? (request.onBusy == .attach ? jobs.first : nil)
  }

  /// People and operation windows suspend jobs too: only what this run suspended it resumes.
  private func resumeOwn(_ active: [JobSummary], _ request: BackupRequest) async {
    // Every Command Center counts its jobs on its own.
    let own = Set(attempts.filter { $0.commcell == request.commcell }.flatMap(\.suspendedJobs))
    for job in active where job.status.isSuspended && own.contains(String(job.jobId)) {
      let message: String
      do throws(CommandCenterError) {
        try await request.center.resume(job.jobId)
        message = "is resumed"
      } catch {
        message = "could not be resumed: \(error.description)"
      }
      log(
        LogLine(
          level: .info, message: "\(request.target): job \(job.jobId), which this run suspended, \(message)",
          fields: []))
    }
  }

  private func attach(_ backup: Backup, _ request: BackupRequest, _ job: JobSummary) async {
    let level = job.levelRun.map { " \($0.name)" } ?? ""
    log(
      LogLine(
        level: .info,
        message:
          "\(request.target): job \(job.jobId) backs it up\(level) already, and is waited for in place of another one",
        fields: []))
    backup.attach(to: String(job.jobId))
    if let step = backup.step {
      // Another step may own the job: it is no job of this one.
      await note(
        .settle(
          step: step.key, .submitted, result: backup.attempt.encodedResult(),
          note: "attached to job \(job.jobId)", at: clock.now), of: backup)
    }
    tell(.submitted(backup.attempt))
    await watch(backup, request, submitted: nil)
  }

  private func waitForOthers(
    isTold: Bool, _ active: [JobSummary], _ backup: Backup, _ request: BackupRequest,
    _ error: CommandCenterError
  ) async -> BusyAnswer {
    let names = "job \(active.map { String($0.jobId) }.joined(separator: ", "))"
    if !isTold {
      log(
        LogLine(
          level: .info,
          message: "\(request.target): \(names) backs it up already; it is submitted after that",
          fields: []))
    }
    let deadline = [windowCloses, Self.deadline(backup, request)].compactMap(\.self).min()
    for job in active {
      guard await hasEnded(job.jobId, request.center, before: deadline) else {
        return .over(
          .busy, "\(error.description) It was waited for until \(CivilTime(clock.now).time): \(names).")
      }
    }
    return .again
  }

  /// Waits for a job of somebody's; false where it is too late before it has ended.
  private func hasEnded(_ job: Int64, _ center: CommandCenter, before deadline: Moment?) async -> Bool {
    let ended = OneAnswer<Bool>(clock)
    let watch = await center.watch(job) { event in
      switch event {
      case .changed: break
      case .ended, .lost: ended.give(true)
      }
    }
    let timer = deadline.map { deadline in
      clock.schedule(at: deadline) { [clock] in
        ended.give(false)
        clock.release()
      }
    }
    defer { if let timer { clock.cancel(timer) } }
    let hasEnded = await ended.value()
    await center.unwatch(watch)
    return hasEnded
  }
}

extension JobStatus {
  fileprivate var isSuspended: Bool { [.suspend, .suspendPending, .suspended].contains(self) }
}

extension BackupLevel {
  /// Whether a backup of this level holds all that one of the other would. A full one of a database does not do
  /// what a log backup does, and a synthetic full one reads nothing from the source.
  func covers(_ other: BackupLevel) -> Bool {
    switch (self, other) {
    case (.full, .full), (.full, .incremental), (.full, .differential): true
    case (.differential, .incremental): true
    default: self == other
    }
  }
}

extension BackupRequest {
  /// As the page of SQL Server has it; the encoder writes no spaces.
  fileprivate var isCopyOnly: Bool { String(decoding: payload, as: UTF8.self).contains("\"copyOnly\":true") }
}
