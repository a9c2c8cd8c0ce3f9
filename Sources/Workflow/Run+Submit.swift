internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

extension Run {
  /// Sends one backup. What the server or the network says becomes the attempt's outcome. Called with a hold on
  /// the clock.
  ///
  /// It waits until the run's window opens; where that is over, the outcome is skipped, and nothing is on record.
  /// With a journal: intent on disk, `POST`, ids on disk, result on disk; each before the next. A submit that is
  /// on record is not sent again.
  ///
  /// - Throws: where going on could lose or double a backup; nothing was sent.
  public func submit(_ request: BackupRequest) async throws(RunStop) -> Backup {
    guard let ledger else { return try await submitWithoutRecord(request) }
    if let failure = ledger.failure { throw .journal(failure) }
    let key = ledger.nextKey(request.stepName)
    let hash = ContentHash.of(request.payload)
    if let record = try ledger.replay(key, argumentsHash: hash, place: request.place) {
      bounds.countSubmit()
      return try await replay(
        record, request, SubmitStep(ledger: ledger, key: key, server: record.server ?? ""))
    }
    try ledger.refuseSecond(key, place: request.place)
    var request = request
    if let why = await forbidden(&request, isFirst: true) { return skipped(request, why) }
    let server: String
    do throws(CommandCenterError) {
      server = try await request.center.identity()
    } catch {
      // Nothing was sent and nothing is on record: a resume tries anew.
      let backup = newBackup(request)
      end(backup, Outcome(error.kind), error.description)
      return backup
    }
    let step = SubmitStep(ledger: ledger, key: key, server: server)
    let limit = request.limits.countsPools ? request.limits[.total].map { clock.now + $0.after } : nil
    let intent = { @Sendable [clock, place = request.place] (attempt: Journal.Attempt) in
      [
        Change.begin(
          NewStep(
            key: key, kind: .submit, argumentsHash: hash, place: place, startedAt: clock.now,
            attempt: attempt, server: server))
      ]
    }
    func attempt() -> Journal.Attempt {
      let latest = [request.latest, limit].compactMap(\.self).min()
      return step.attempt(1, latest: latest ?? clock.now + SubmitStep.patience)
    }
    var first = attempt()
    if request.pools.isEmpty {
      try await ledger.write(intent(first))
      let backup = newBackup(request, step)
      await send(backup, request, step, first)
      return backup
    }
    let backup = newBackup(request, step)
    while true {
      let end = await permits(for: backup, request, step, latest: first.sendBefore) { [first] in intent(first)
      }
      if case .tooLate = end, isLate(request) {
        guard await waitsAnew(backup, &request) else { return backup }
        first = attempt()
        continue
      }
      guard try await takes(end, backup, request) else { return backup }
      await send(backup, request, step, first)
      return backup
    }
  }

  // MARK: the run's own rules

  /// Waits until the run's own rules let a backup be sent, and notes until when they do; why they never will.
  private func forbidden(_ request: inout BackupRequest, isFirst: Bool = false) async -> String? {
    switch await admission(request, isFirst: isFirst) {
    case .refused(let why): return why
    case .granted(let until):
      request.latest = until
      return nil
    }
  }

  /// A backup that the run's own rules forbid.
  private func skipped(_ request: BackupRequest, _ why: String) -> Backup {
    let backup = newBackup(request)
    end(backup, .skipped, why)
    return backup
  }

  /// Whether the window has closed, or a blackout begun, since a backup was let to be sent.
  private func isLate(_ request: BackupRequest) -> Bool { request.latest.map { clock.now > $0 } ?? false }

  /// Whether a backup whose turn in its pools came too late may stand in line once more; it has ended where not.
  private func waitsAnew(_ backup: Backup, _ request: inout BackupRequest) async -> Bool {
    guard let why = await forbidden(&request) else { return true }
    end(backup, .skipped, why)
    return false
  }

  /// Whether a submit goes on after its wait for permits; it has ended where not.
  private func takes(_ end: PoolLine.End, _ backup: Backup, _ request: BackupRequest) async throws(RunStop)
    -> Bool
  {
    let names = request.pools.map(\.name).joined(separator: ", ")
    switch end {
    case .granted:
      backup.begin(at: clock.now)
      if !request.limits.countsPools { backup.ask(at: clock.now) }
      guard request.withdrawal?.hasHappened ?? false else { return true }
      await settle(backup, .skipped, "its branch was cancelled before it was sent")
    case .tooLate:
      self.end(backup, .skipped, "it was too late when its turn in pool \(names) would have come")
    case .withdrawn: self.end(backup, .skipped, "its branch was cancelled before it was sent")
    case .stopped(let stop):
      self.end(backup, .skipped, stop.sentence)
      throw stop
    }
    return false
  }

  // MARK: without a journal

  private func submitWithoutRecord(_ request: BackupRequest) async throws(RunStop) -> Backup {
    var request = request
    if let why = await forbidden(&request, isFirst: true) { return skipped(request, why) }
    let backup = newBackup(request)
    while !request.pools.isEmpty {
      let end = await permits(
        for: backup, request, nil,
        latest: request.limits.countsPools ? latest(backup, request) : request.latest)
      if case .tooLate = end, isLate(request) {
        guard await waitsAnew(backup, &request) else { return backup }
        continue
      }
      guard try await takes(end, backup, request) else { return backup }
      break
    }
    await send(backup, request)
    return backup
  }

  private func send(_ backup: Backup, _ request: BackupRequest) async {
    tell(.sending(backup.attempt, request))
    var request = request
    var count = BusyCount()
    while true {
      let error: CommandCenterError
      do throws(CommandCenterError) {
        let answer = try await request.center.submit(request.payload, latest: latest(backup, request))
        return await accepted(backup, request, answer)
      } catch let failed { error = failed }
      switch await refused(backup, &request, error, count: &count) {
      case .attached: return
      case .again: backup.begin(at: clock.now)
      case .over(let outcome, let reason): return end(backup, outcome, reason)
      }
    }
  }

  /// The last moment at which it may be sent.
  private func latest(_ backup: Backup, _ request: BackupRequest) -> Moment? {
    [request.latest, Self.deadline(backup, request)].compactMap(\.self).min()
  }

  /// What comes of a submit that the server has certainly not taken.
  private func refused(
    _ backup: Backup, _ request: inout BackupRequest, _ error: CommandCenterError, count: inout BusyCount
  ) async -> BusyAnswer {
    if let deadline = Self.deadline(backup, request), clock.now > deadline, let limit = request.limits[.total]
    {
      return .over(
        .gaveUp, "\(TimeLimits.Kind.total.sentence(limit.after)), and was not submitted: \(error.description)"
      )
    }
    if error.kind == .busy {
      let answer = await whenBusy(backup, request, error, count: &count)
      guard case .again = answer else { return answer }
    } else if error.kind != .tooLate || !isLate(request) {
      return .over(Outcome(error.kind), error.description)
    }
    // Meanwhile the window may have closed.
    if let why = await forbidden(&request) { return .over(.skipped, why) }
    return .again
  }

  // MARK: with one

  private func send(
    _ backup: Backup, _ request: BackupRequest, _ step: SubmitStep, _ attempt: Journal.Attempt
  ) async {
    tell(.sending(backup.attempt, request))
    var (request, attempt) = (request, attempt)
    var count = BusyCount()
    while true {
      let error: CommandCenterError
      do throws(CommandCenterError) {
        let payload = request.tag?.tagging(request.payload, with: attempt.token) ?? request.payload
        let answer = try await request.center.submit(payload, latest: attempt.sendBefore)
        await note(
          .submitted(step: step.key, task: String(answer.taskId), jobs: step.jobs(answer.jobIds)), of: backup)
        return await accepted(backup, request, answer)
      } catch let failed { error = failed }
      if error.kind == .ambiguous || error.kind == .unintelligible {
        await note(.settle(step: step.key, .ambiguous, note: error.description, at: clock.now), of: backup)
        return await reconcile(
          backup, request, step, attempt, since: backup.attempt.started, error.description)
      }
      switch await refused(backup, &request, error, count: &count) {
      case .attached: return
      case .again:
        attempt = self.attempt(attempt.number + 1, of: step, backup, request)
        backup.begin(at: clock.now)
        do throws(RunStop) { try await step.ledger.write([.sendAgain(step: step.key, attempt)]) } catch {
          // Certainly not submitted: a resume tries anew.
          return end(backup, .busy, error.sentence)
        }
      case .over(let outcome, let reason): return await settle(backup, outcome, reason)
      }
    }
  }

  private func attempt(
    _ number: Int, of step: SubmitStep, _ backup: Backup, _ request: BackupRequest
  ) -> Journal.Attempt {
    step.attempt(number, latest: latest(backup, request) ?? clock.now + SubmitStep.patience)
  }

  private func accepted(_ backup: Backup, _ request: BackupRequest, _ answer: SubmitAnswer) async {
    let attempt = backup.accept(answer)
    tell(.submitted(attempt))
    if answer.jobIds.isEmpty {
      return await settle(backup, .completed, "scheduled as task \(answer.taskId); no job runs yet")
    }
    await watch(backup, request, submitted: attempt.started)
  }

  /// - Parameter submitted: when its jobs were made; nil where that may be long ago.
  func watch(_ backup: Backup, _ request: BackupRequest, submitted: Moment?) async {
    keepLimits(of: backup, request)
    killIfStillQueued(backup, at: request.center)
    for jobId in backup.attempt.jobIds.compactMap({ Int64($0) }) {
      let watch = await request.center.watch(jobId, submitted: submitted, progressEvery: progressEvery) {
        [self] event in
        switch event {
        case .changed(let job):
          backup.observe(job, at: clock.now)
          let attempt = backup.note(job)
          // Nobody waits any longer for what was given up.
          if attempt.outcome == nil { tell(.changed(attempt, job)) }
        case .ended(let job): jobEnded(job, of: backup)
        case .lost:
          let reason = "the Command Center accepted job \(jobId), but does not know it now"
          backup.forget(jobId)
          guard backup.step != nil else { return end(backup, .ambiguous, reason) }
          clock.hold()
          Task(executorPreference: executor) {
            await self.settle(backup, .ambiguous, reason)
            self.clock.release()
          }
        }
      }
      backup.isWatched(by: watch, at: request.center)
    }
  }

  private func jobEnded(_ job: JobSummary, of backup: Backup) {
    guard let step = backup.step else {
      if let (attempt, waiters) = backup.jobEnded(job, at: clock.now) { announce(attempt, waiters) }
      return freePermits(of: backup)
    }
    clock.hold()
    Task(executorPreference: executor) { [self] in
      var changes = [Change.jobEnded(Job(server: step.server, id: String(job.jobId)), at: clock.now)]
      let ended = backup.jobEnded(job, at: clock.now)
      if let (attempt, _) = ended { changes.append(step.result(of: attempt, at: clock.now)) }
      await note(changes, of: backup)
      if let (attempt, waiters) = ended { announce(attempt, waiters) }
      clock.release()
    }
  }

  /// It ends without a job that tells how: the outcome is on disk before anybody hears of it.
  func settle(_ backup: Backup, _ outcome: Outcome, _ reason: String?) async {
    guard let (attempt, waiters) = backup.end(outcome, reason, at: clock.now) else { return }
    if let step = backup.step { await note(step.result(of: attempt, at: clock.now), of: backup) }
    announce(attempt, waiters)
    freePermits(of: backup)
  }

  func note(_ change: Change, of backup: Backup) async { await note([change], of: backup) }

  /// Writes down what has happened already. Where the disk fails the run goes on with what it knows, submits
  /// nothing new, and a resume finds out again from the server.
  private func note(_ changes: [Change], of backup: Backup) async {
    guard let step = backup.step else { return }
    do throws(RunStop) {
      if !(try await step.ledger.write(changes)).isEmpty { pools.line.freed() }
    } catch {
      log(LogLine(level: .error, message: error.sentence, fields: [("step", step.key)]))
    }
  }

  // MARK: again

  /// A submit that is on record: its result, its jobs, or the question what became of it.
  private func replay(
    _ record: StepRecord, _ request: BackupRequest, _ step: SubmitStep
  ) async throws(RunStop) -> Backup {
    let backup = newBackup(request, step)
    switch record.state {
    case .done, .failed, .abandoned:
      if let result = record.result, backup.restore(result) {
        tell(.restored(backup.attempt))
        if let reason = AttentionReason(restored: backup.attempt) { raise(reason) }
        return backup
      }
      end(backup, .skipped, record.note ?? "it was given up in an earlier life of the run")
    case .submitted:
      if let job = Attempt.attachedJob(in: record.result) {
        backup.adopt(task: nil, jobs: [], started: record.startedAt)
        backup.attach(to: job)
        tell(.restored(backup.attempt))
        await watch(backup, request, submitted: nil)
      } else if record.jobs.isEmpty {
        await settle(backup, .completed, "scheduled as task \(record.task ?? "?"); no job runs yet")
      } else {
        backup.adopt(
          task: record.task.flatMap { Int64($0) }, jobs: record.jobs.map(\.job.id), started: record.startedAt)
        if await isBehind(request.center, step.server) {
          tell(.restored(backup.attempt))
          await watch(backup, request, submitted: nil)
        } else {
          // The record stays as it is: whoever sets the URL right resumes once more.
          end(
            backup, .ambiguous,
            "behind the URL is another Command Center than the one that runs job \(backup.attempt.jobIds.joined(separator: ", ")); set the URL right and resume"
          )
        }
      }
    case .intent, .ambiguous, .needsOperator:
      guard let attempt = record.attempt else {
        end(backup, .ambiguous, "the journal holds no attempt of it")
        break
      }
      backup.adopt(task: nil, jobs: [], started: record.startedAt)
      await reconcile(
        backup, request, step, attempt, since: record.startedAt,
        record.note ?? "the run was interrupted between its intent and the answer")
    }
    return backup
  }

  /// Whether a Command Center is the one that it was, by its own word: another one has other jobs under the
  /// same numbers.
  private func isBehind(_ center: CommandCenter, _ server: String) async -> Bool {
    while true {
      do throws(CommandCenterError) { return try await center.identity() == server } catch {
        // Waiting for the job would tell the same story; it waits through an outage.
        guard error.kind == .unreachable, (try? await clock.sleep(for: center.settle)) != nil else {
          return true
        }
      }
    }
  }

  // MARK: what became of it

  /// Finds out whether a submit without an answer made jobs: adopts them, or sends it again where there are
  /// certainly none, or leaves it to somebody.
  ///
  /// - Parameter reason: why nobody knows.
  private func reconcile(
    _ backup: Backup, _ request: BackupRequest, _ step: SubmitStep, _ attempt: Journal.Attempt,
    since intent: Moment, _ reason: String
  ) async {
    let search = Reconciliation(
      request: request, step: step, token: attempt.token, intent: intent, clock: clock,
      deadline: Self.deadline(backup, request))
    switch await search.result() {
    case .found(let task, let jobs, let evidence):
      await note(
        .submitted(
          step: step.key, task: task.map { String($0) }, jobs: step.jobs(jobs), note: evidence), of: backup)
      log(
        LogLine(
          level: .warning,
          message:
            "\(request.target): \(Self.clause(reason)); its job \(jobs.joined(separator: ", ")) was found and is waited for: \(evidence)",
          fields: []))
      backup.adopt(task: task, jobs: jobs, started: intent)
      tell(.submitted(backup.attempt))
      await watch(backup, request, submitted: nil)
    case .none:
      var request = request
      if let why = await forbidden(&request) {
        let reason = "\(Self.clause(reason)). It made no job, and is not sent again: \(why)"
        return await settle(backup, .skipped, reason)
      }
      let again = self.attempt(attempt.number + 1, of: step, backup, request)
      do throws(RunStop) {
        try await step.ledger.write([.sendAgain(step: step.key, again)])
      } catch {
        return await leave(backup, step, error.sentence)
      }
      await send(backup, request, step, again)
    case .unclear(let why): await leave(backup, step, "\(Self.clause(reason)). \(why)")
    }
  }

  /// A sentence as part of another one.
  private static func clause(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }

  /// A human has to look.
  private func leave(_ backup: Backup, _ step: SubmitStep, _ reason: String) async {
    let way = "see cvlua show \(step.ledger.run), then cvlua adopt or resubmit"
    await note(.settle(step: step.key, .needsOperator, note: reason, at: clock.now), of: backup)
    end(backup, .ambiguous, "\(reason) (\(way))")
  }
}

extension SubmitStep {
  fileprivate func result(of attempt: Attempt, at moment: Moment) -> Change {
    // Nobody knows what became of it, so it is not over.
    if attempt.outcome == .ambiguous {
      return .settle(
        step: key, .needsOperator, result: attempt.encodedResult(), note: attempt.reason, at: moment)
    }
    return .settle(step: key, .done, result: attempt.encodedResult(), note: attempt.reason, at: moment)
  }
}

extension BackupRequest {
  /// What a submit is called in the journal, without its count: `backup.rds:aws-prod/eu-west-1/crm FULL`.
  var stepName: String {
    let where_ = commcell == "default" ? "" : "\(commcell)."
    return "\(where_)backup.\(workload):\(key ?? target) \(levelAsked ?? "-")"
  }
}

extension Outcome {
  /// What a submit comes to that the Command Center did not take.
  init(_ kind: CommandCenterError.Kind) {
    self =
      switch kind {
      case .busy: .busy
      case .ambiguous, .unintelligible: .ambiguous
      case .unreachable, .notLoggedIn, .cancelled: .unreachable
      case .rejected, .notFound, .rateLimited: .rejected
      case .tooLate: .skipped
      }
  }
}
