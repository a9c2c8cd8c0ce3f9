internal import Clock
internal import SQLite

extension Database {
  func holder(of job: Job) throws -> JobRecord? {
    try first(
      """
      SELECT runs.id, jobs.step, jobs.ended_at, jobs.dropped_at FROM jobs JOIN runs ON runs.number = jobs.run
        WHERE jobs.server = ? AND jobs.job = ?
      """, job.server, job.id
    ) { row in
      JobRecord(
        job: job, run: RunID(row.text(0)), step: row.text(1), endedAt: row.optionalMoment(2),
        droppedAt: row.optionalMoment(3))
    }
  }

  /// A job that is no step's changes nothing; the moment seen first stays.
  ///
  /// - Returns: the pools in which that made room.
  func ended(_ job: Job, at moment: Moment) throws -> [String] {
    let step = try first("SELECT run, step FROM jobs WHERE server = ? AND job = ?", job.server, job.id) {
      (run: $0.int(0), step: $0.text(1))
    }
    guard let step else { return [] }
    try run(
      "UPDATE jobs SET ended_at = ? WHERE server = ? AND job = ? AND ended_at IS NULL", moment.nanoseconds,
      job.server,
      job.id)
    return try free(run: step.run, step: step.step, at: moment)
  }
}
