internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

/// What happens to a submit that is on record: it goes out, and what comes of it is written down.
extension Run {
  func send(
    _ backup: Backup, _ request: BackupRequest, _ step: SubmitStep, _ attempt: Journal.Attempt
  ) async {
    tell(.sending(backup.attempt, request))
    var (request, attempt) = (request, attempt)
    var count = BusyCount()
    while true {
      let error: CommandCenterError
      do throws(CommandCenterError) {
        let body = request.body ?? request.payload
        let payload = request.tag?.tagging(body, with: attempt.token) ?? body
        let answer = try await request.center.submit(
          payload, latest: attempt.sendBefore, isWanted: request.isWanted)
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

  func attempt(
    _ number: Int, of step: SubmitStep, _ backup: Backup, _ request: BackupRequest
  ) -> Journal.Attempt {
    step.attempt(number, latest: latest(backup, request) ?? clock.now + SubmitStep.patience)
  }

  func accepted(_ backup: Backup, _ request: BackupRequest, _ answer: SubmitAnswer) async {
    let attempt = backup.accept(answer)
    tell(.submitted(attempt))
    await start(attempt.jobIds, request)
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
  func note(_ changes: [Change], of backup: Backup) async {
    guard let step = backup.step else { return }
    do throws(RunStop) {
      if !(try await step.ledger.write(changes)).isEmpty { pools.line.freed() }
    } catch {
      log(LogLine(level: .error, message: error.sentence, fields: [("step", step.key)]))
    }
  }
}

extension SubmitStep {
  func result(of attempt: Attempt, at moment: Moment) -> Change {
    // Nobody knows what became of it, so it is not over.
    if attempt.outcome == .ambiguous {
      return .settle(
        step: key, .needsOperator, result: attempt.encodedResult(), note: attempt.reason, at: moment)
    }
    return .settle(step: key, .done, result: attempt.encodedResult(), note: attempt.reason, at: moment)
  }
}
