internal import Clock
internal import SQLite

extension Database {
  /// Applies the changes of a claim that was checked.
  ///
  /// - Returns: the pools in which they made room, sorted.
  @discardableResult
  func apply(_ changes: [Change], of claim: RunClaim) throws -> [String] {
    var freed: Set<String> = []
    for change in changes {
      switch change {
      case .begin(let step): try begin(step, of: claim)
      case .sendAgain(let step, let attempt): try sendAgain(step, attempt, of: claim)
      case .submitted(let step, let task, let jobs, let note):
        try submitted(step, task, jobs, note, of: claim)
      case .adopted(let step, let jobs, let note, let moment):
        try adopted(step, jobs, note, moment, of: claim)
      case .settle(let step, let state, let result, let note, let moment):
        try settle(step, state, result, note, moment, of: claim)
        if state.isEnd { try freed.formUnion(free(run: claim.number, step: step, at: moment)) }
      case .jobEnded(let job, let moment): try freed.formUnion(ended(job, at: moment))
      case .withdraw(let step, let moment):
        try freed.formUnion(leaveQueues(run: claim.number, step: step))
        try freed.formUnion(free(run: claim.number, step: step, at: moment))
      case .source(let source): try add(source, toRun: claim.number, claim.run)
      case .message(let message): try add(message, toRun: claim.number)
      case .remember(let name, let value, let moment):
        try remember(name, value, moment, run: claim.number)
      case .run(let state, let exitCode, let moment):
        try run(
          "UPDATE runs SET state = ?, exit_code = ?, ended_at = ? WHERE number = ?",
          state.rawValue, exitCode, state == .running ? nil : moment.nanoseconds, claim.number)
        if state.isEnd { try freed.formUnion(freeAll(run: claim.number, at: moment)) }
      }
    }
    return freed.sorted()
  }

  // MARK: Steps

  private func begin(_ step: NewStep, of claim: RunClaim) throws {
    try run(
      """
      INSERT INTO steps (run, key, kind, state, arguments_hash, place, started_at, attempt, token, send_before,
        server) VALUES (?, ?, ?, 'intent', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """, claim.number, step.key, step.kind.rawValue, step.argumentsHash, step.place,
      step.startedAt.nanoseconds,
      step.attempt?.number, step.attempt?.token, step.attempt?.sendBefore.nanoseconds, step.server)
    if changesCount == 0 { throw JournalError.stepExists(run: claim.run, step: step.key) }
  }

  private func sendAgain(_ step: String, _ attempt: Attempt, of claim: RunClaim) throws {
    try run(
      """
      INSERT INTO earlier_attempts (run, step, attempt, token, send_before)
        SELECT run, key, attempt, token, send_before FROM steps WHERE run = ? AND key = ? AND token IS NOT NULL
      """, claim.number, step)
    try run(
      """
      UPDATE steps SET state = 'intent', ended_at = NULL, attempt = ?, token = ?, send_before = ?
        WHERE run = ? AND key = ? AND state <> 'done'
      """, attempt.number, attempt.token, attempt.sendBefore.nanoseconds, claim.number, step)
    try checkTouched(step, of: claim)
  }

  private func submitted(
    _ step: String, _ task: String?, _ jobs: [Job], _ note: String?, of claim: RunClaim
  ) throws {
    try run(
      """
      UPDATE steps SET state = 'submitted', ended_at = NULL, task = coalesce(?, task), note = coalesce(?, note)
        WHERE run = ? AND key = ? AND state <> 'done'
      """, task, note, claim.number, step)
    try checkTouched(step, of: claim)
    for job in jobs {
      try run(
        "INSERT INTO jobs (server, job, run, step) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        job.server, job.id, claim.number, step)
      if changesCount == 0, let holder = try holder(of: job), holder.run != claim.run || holder.step != step {
        throw JournalError.jobIsTaken(holder)
      }
    }
  }

  private func adopted(
    _ step: String, _ jobs: [Job], _ note: String, _ moment: Moment, of claim: RunClaim
  ) throws {
    try run(
      """
      UPDATE steps SET state = 'submitted', ended_at = NULL, task = NULL, result = NULL, note = ?
        WHERE run = ? AND key = ? AND state <> 'done'
      """, note, claim.number, step)
    try checkTouched(step, of: claim)
    try run(
      "UPDATE jobs SET dropped_at = ? WHERE run = ? AND step = ? AND dropped_at IS NULL", moment.nanoseconds,
      claim.number, step)
    for job in jobs {
      // One that was dropped, by whichever step, is free to be taken.
      try run(
        """
        INSERT INTO jobs (server, job, run, step) VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET run = excluded.run, step = excluded.step, dropped_at = NULL
          WHERE dropped_at IS NOT NULL
        """, job.server, job.id, claim.number, step)
      if changesCount == 0, let holder = try holder(of: job), holder.run != claim.run || holder.step != step {
        throw JournalError.jobIsTaken(holder)
      }
    }
  }

  private func settle(
    _ step: String, _ state: StepState, _ result: [UInt8]?, _ note: String?, _ moment: Moment,
    of claim: RunClaim
  ) throws {
    let hasEnd = state.isEnd || state == .needsOperator
    try run(
      """
      UPDATE steps SET state = ?, result = coalesce(?, result), note = coalesce(?, note), ended_at = ?
        WHERE run = ? AND key = ? AND state <> 'done'
      """, state.rawValue, result, note, hasEnd ? moment.nanoseconds : nil, claim.number, step)
    try checkTouched(step, of: claim)
  }

  /// Says why the last update of a step touched none.
  private func checkTouched(_ step: String, of claim: RunClaim) throws {
    guard changesCount == 0 else { return }
    let exists = try first("SELECT 1 FROM steps WHERE run = ? AND key = ?", claim.number, step) { _ in true }
    throw exists == nil
      ? JournalError.noSuchStep(run: claim.run, step: step) : .stepIsDone(run: claim.run, step: step)
  }

  // MARK: Reading

  func steps(of run: Int, _ id: RunID) throws -> [StepRecord] {
    var jobs: [String: [JobRecord]] = [:]
    for record in try all(
      """
      SELECT server, job, step, ended_at, dropped_at FROM jobs WHERE run = ?
        ORDER BY server, length(job), job
      """, run,
      as: { row in
        JobRecord(
          job: Job(server: row.text(0), id: row.text(1)), run: id, step: row.text(2),
          endedAt: row.optionalMoment(3), droppedAt: row.optionalMoment(4))
      })
    { jobs[record.step, default: []].append(record) }
    var attempts: [String: [Attempt]] = [:]
    for (step, attempt) in try all(
      "SELECT step, attempt, token, send_before FROM earlier_attempts WHERE run = ? ORDER BY attempt", run,
      as: { ($0.text(0), Attempt(number: $0.int(1), token: $0.text(2), sendBefore: $0.moment(3))) })
    { attempts[step, default: []].append(attempt) }
    // The index on run and key finds them; sorting here spares an index by number.
    var steps = try all(
      """
      SELECT number, key, kind, state, arguments_hash, place, started_at, ended_at, attempt, token, send_before,
        server, task, result, note FROM steps WHERE run = ?
      """, run
    ) { row in
      let step = StepRecord(
        key: row.text(1), kind: try row.state(2), state: try row.state(3), argumentsHash: row.text(4),
        place: row.optionalText(5), startedAt: row.moment(6), endedAt: row.optionalMoment(7),
        attempt: row.isNull(9)
          ? nil : Attempt(number: row.int(8), token: row.text(9), sendBefore: row.moment(10)),
        server: row.optionalText(11), task: row.optionalText(12), result: row.optionalBlob(13),
        note: row.optionalText(14))
      return (number: row.int(0), step: step)
    }
    steps.sort { $0.number < $1.number }
    return steps.map { numbered in
      var step = numbered.step
      if let jobs = jobs[step.key] {
        step.jobs = jobs.filter { $0.droppedAt == nil }
        step.droppedJobs = jobs.filter { $0.droppedAt != nil }
      }
      if !attempts.isEmpty { step.earlierAttempts = attempts[step.key] ?? [] }
      return step
    }
  }
}
