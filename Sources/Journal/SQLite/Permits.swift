internal import Clock
internal import SQLite

// A permit is for a step and belongs to its jobs: it is free once the step is over and no job of it runs,
// whoever sees that first. Requests wait without holding anything, so no two wait for each other.

extension Database {
  /// - Parameter isAlive: whether a process drives a run: the dead do not stand in queues.
  /// - Returns: the answer, and whether it was another before.
  func request(
    _ request: PermitRequest, of claim: RunClaim, isAlive: (RunID) -> Bool
  ) throws -> (answer: PermitAnswer, isNew: Bool) {
    for share in request.shares where share.weight > share.max { throw JournalError.permitTooHeavy(share) }
    let present = try all(
      "SELECT pool, granted_at FROM permits WHERE run = ? AND step = ? AND released_at IS NULL",
      claim.number, request.step
    ) { (pool: $0.text(0), isGranted: !$0.isNull(1)) }
    if present.contains(where: \.isGranted) { return (.granted, false) }
    if Set(present.map(\.pool)) != Set(request.shares.map(\.pool)) {
      // New, or for other pools than before the script was edited: at the end of the queues.
      try leaveQueues(run: claim.number, step: request.step)
      for share in request.shares { try enqueue(share, request, of: claim) }
    } else {
      for share in request.shares { try renew(share, request, of: claim) }
    }
    for share in request.shares {
      if let wait = try wait(for: share, request, of: claim, isAlive) { return (.waiting(wait), true) }
    }
    try run(
      "UPDATE permits SET granted_at = ? WHERE run = ? AND step = ? AND released_at IS NULL",
      request.at.nanoseconds, claim.number, request.step)
    return (.granted, true)
  }

  private func enqueue(_ share: PoolShare, _ request: PermitRequest, of claim: RunClaim) throws {
    try run(
      """
      INSERT INTO permits (pool, weight, max, run, step, epoch, requested_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      """, share.pool, share.weight, share.max, claim.number, request.step, claim.epoch,
      request.at.nanoseconds)
  }

  /// Only where something is new: asking in vain writes nothing.
  private func renew(_ share: PoolShare, _ request: PermitRequest, of claim: RunClaim) throws {
    try run(
      """
      UPDATE permits SET epoch = ?1, weight = ?2, max = ?3 WHERE run = ?4 AND step = ?5 AND pool = ?6
        AND released_at IS NULL AND (epoch <> ?1 OR weight <> ?2 OR max <> ?3)
      """, claim.epoch, share.weight, share.max, claim.number, request.step, share.pool)
  }

  /// - Returns: nil where the share can be had.
  private func wait(
    for share: PoolShare, _ request: PermitRequest, of claim: RunClaim, _ isAlive: (RunID) -> Bool
  ) throws -> PermitWait? {
    let granted = try first(
      """
      SELECT total(weight), min(max) FROM permits
        WHERE pool = ? AND granted_at IS NOT NULL AND released_at IS NULL
      """, share.pool
    ) { (inUse: $0.int(0), max: $0.optionalInt(1)) }!
    let inUse = granted.inUse + share.outside
    let max = min(share.max, granted.max ?? share.max)
    let before = try all(
      """
      SELECT runs.id, count(*) FROM permits JOIN runs ON runs.number = permits.run AND runs.epoch = permits.epoch
        WHERE pool = ?1 AND granted_at IS NULL AND released_at IS NULL AND permits.number <
          (SELECT number FROM permits WHERE run = ?2 AND step = ?3 AND pool = ?1 AND released_at IS NULL)
        GROUP BY runs.number
      """, share.pool, claim.number, request.step
    ) { (run: RunID($0.text(0)), count: $0.int(1)) }
    let ahead = before.filter { $0.run == claim.run || isAlive($0.run) }.reduce(0) { $0 + $1.count }
    if ahead == 0, inUse + share.weight <= max { return nil }
    return PermitWait(pool: share.pool, inUse: inUse, max: max, ahead: ahead)
  }

  // MARK: Giving back

  /// Gives back what a step was granted, unless it or one of its jobs still needs it.
  ///
  /// - Returns: the pools in which that made room.
  func free(run: Int, step: String, at moment: Moment) throws -> [String] {
    try all(
      """
      UPDATE permits SET released_at = ?1
        WHERE run = ?2 AND step = ?3 AND granted_at IS NOT NULL AND released_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM steps WHERE steps.run = ?2 AND steps.key = ?3
            AND steps.state NOT IN ('done', 'failed', 'abandoned')
            -- Its process may be gone: that all its jobs have ended is enough.
            AND NOT (steps.state = 'submitted'
              AND EXISTS (SELECT 1 FROM jobs WHERE jobs.run = ?2 AND jobs.step = ?3 AND jobs.dropped_at IS NULL)))
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.run = ?2 AND jobs.step = ?3 AND jobs.ended_at IS NULL
            AND jobs.dropped_at IS NULL)
        RETURNING pool
      """, moment.nanoseconds, run, step
    ) { $0.text(0) }
  }

  /// At the end of a run: what no job needs, whatever the steps say.
  func freeAll(run: Int, at moment: Moment) throws -> [String] {
    try all("DELETE FROM permits WHERE run = ? AND granted_at IS NULL RETURNING pool", run) { $0.text(0) }
      + all(
        """
        UPDATE permits SET released_at = ?1 WHERE run = ?2 AND released_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM jobs
            WHERE jobs.run = permits.run AND jobs.step = permits.step AND jobs.ended_at IS NULL
              AND jobs.dropped_at IS NULL)
          RETURNING pool
        """, moment.nanoseconds, run
      ) { $0.text(0) }
  }

  /// Whoever stood behind moves up, so a place given up is room made.
  @discardableResult
  func leaveQueues(run: Int, step: String) throws -> [String] {
    try all("DELETE FROM permits WHERE run = ? AND step = ? AND granted_at IS NULL RETURNING pool", run, step)
    {
      $0.text(0)
    }
  }

  // MARK: Reading

  func pools(of run: RunID) throws -> [String] {
    try all(
      """
      SELECT DISTINCT pool FROM permits JOIN runs ON runs.number = permits.run
        WHERE runs.id = ? AND released_at IS NULL ORDER BY pool
      """, run.description
    ) { $0.text(0) }
  }

  func permits(inPool pool: String) throws -> [PermitRecord] {
    let rows = try all(
      """
      SELECT permits.weight, permits.max, permits.run, runs.id, permits.step, requested_at, granted_at
        FROM permits JOIN runs ON runs.number = permits.run
        WHERE pool = ? AND released_at IS NULL ORDER BY permits.number
      """, pool
    ) { row in
      (
        number: row.int(2),
        record: PermitRecord(
          share: PoolShare(pool: pool, weight: row.int(0), max: row.int(1)), run: RunID(row.text(3)),
          step: row.text(4), requestedAt: row.moment(5), grantedAt: row.optionalMoment(6), jobs: [])
      )
    }
    return try rows.map { row in
      var record = row.record
      record.jobs = try all(
        """
        SELECT server, job FROM jobs WHERE run = ? AND step = ? AND ended_at IS NULL AND dropped_at IS NULL
          ORDER BY server, job
        """,
        row.number, record.step
      ) { Job(server: $0.text(0), id: $0.text(1)) }
      return record
    }
  }
}
