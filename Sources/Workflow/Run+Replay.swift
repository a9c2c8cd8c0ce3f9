internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

/// Submits that an earlier life of the run has made.
extension Run {
  /// A submit that is on record: its result, its jobs, or the question what became of it.
  func replay(
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
        if await isBehind(request, step.server) {
          tell(.restored(backup.attempt))
          await startAgain(backup.attempt.jobIds, request)
          await watch(backup, request, submitted: nil)
        } else {
          // The record stays as it is: whoever sets the URL right resumes once more.
          end(
            backup, .ambiguous,
            "behind the URL is another Command Center than the one that runs job \(backup.attempt.jobIds.joined(separator: ", ")); set the URL right and resume"
          )
        }
      }
    case .ambiguous where !record.jobs.isEmpty, .needsOperator where !record.jobs.isEmpty:
      // Its job is known, and is another target's or is gone: whatever the server says now, it is not sent again
      // before somebody has said so.
      if let result = record.result, backup.restore(result) {
        tell(.restored(backup.attempt))
        if let reason = AttentionReason(restored: backup.attempt) { raise(reason) }
        return backup
      }
      backup.adopt(task: nil, jobs: record.jobs.map(\.job.id), started: record.startedAt)
      end(backup, .ambiguous, record.note ?? "a human has to look what became of its job")
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
  private func isBehind(_ request: BackupRequest, _ server: String) async -> Bool {
    let center = request.center
    while true {
      do throws(CommandCenterError) {
        let identity = try await center.identity()
        answers(request.commcell, called: center.name)
        return identity == server
      } catch {
        // Waiting for the job would tell the same story; it waits through an outage.
        guard error.kind == .unreachable else { return true }
        doesNotAnswer(request.commcell, called: center.name, error.message)
        guard (try? await clock.sleep(for: center.settle)) != nil else { return true }
      }
    }
  }

  /// Finds out whether a submit without an answer made jobs: adopts them, or sends it again where there are
  /// certainly none, or leaves it to somebody.
  ///
  /// - Parameter reason: why nobody knows.
  func reconcile(
    _ backup: Backup, _ request: BackupRequest, _ step: SubmitStep, _ attempt: Journal.Attempt,
    since intent: Moment, _ reason: String
  ) async {
    let search = Reconciliation(
      request: request, step: step, token: attempt.token, intent: intent, clock: clock,
      deadline: Self.deadline(backup, request),
      answers: { [self, name = request.commcell, called = request.center.name] error in
        if let error {
          doesNotAnswer(name, called: called, error.message)
        } else {
          answers(name, called: called)
        }
      })
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
      await startAgain(jobs, request)
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
      backup.begin(at: clock.now)
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
