public import Clock
public import CommandCenterAPI
import HTTPTypes

extension CommandCenter {
  /// The job of this id; nil where the server does not know it, or not yet.
  public func job(_ id: Int64) async throws(CommandCenterError) -> JobSummary? {
    let answer = try await get("/Job/\(id)")
    return try Self.read { () throws(ServerError) in
      try JobList.decode(status: answer.status, body: answer.body).jobs.first { $0.jobId == id }
    }
  }

  /// The jobs that `query` asks for: one page of them.
  public func jobs(_ query: JobQuery) async throws(CommandCenterError) -> JobList {
    try await asking { () async throws(CommandCenterError) in
      let answer = try await self.exchange(.post, "/Jobs", query.encoded())
      return try Self.read { () throws(ServerError) in
        try JobList.decode(status: answer.status, body: answer.body)
      }
    }
  }

  /// The jobs that `query` asks for, page by page, `most` of them at most. What starts or ends meanwhile may be
  /// missing.
  public func allJobs(_ query: JobQuery, most: Int = .max) async throws(CommandCenterError) -> [JobSummary] {
    var query = query
    let pageSize = min(Int64(clamping: most), 1000)
    var jobs: [JobSummary] = []
    var ids: Set<Int64> = []
    while jobs.count < most {
      query.limit = pageSize
      let page = try await self.jobs(query).jobs
      // What began meanwhile moves the others to the next page.
      jobs += page.filter { ids.insert($0.jobId).inserted }
      query.offset += Int64(page.count)
      if page.count < pageSize { break }
    }
    return Array(jobs.prefix(most))
  }

  /// What the server tells of a job beyond its summary.
  public func details(ofJob id: Int64) async throws(CommandCenterError) -> JobDetails {
    try await asking { () async throws(CommandCenterError) in
      let answer = try await self.exchange(.post, "/JobDetails", JobDetails.request(id))
      return try Self.read { () throws(ServerError) in
        try JobDetails.decode(status: answer.status, body: answer.body)
      }
    }
  }

  /// The task that a job belongs to.
  public func task(ofJob id: Int64) async throws(CommandCenterError) -> TaskDetails {
    let answer = try await get("/Job/\(id)/TaskDetails")
    return try Self.read { () throws(ServerError) in
      try TaskDetails.decode(status: answer.status, body: answer.body)
    }
  }

  /// Suspends a job.
  public func pause(_ id: Int64) async throws(CommandCenterError) { try await act("pause", on: id) }

  /// Resumes a suspended job.
  public func resume(_ id: Int64) async throws(CommandCenterError) { try await act("resume", on: id) }

  /// Kills a job.
  ///
  /// - Parameter latest: a moment after which that is not sent any more, but fails as `.tooLate`.
  public func kill(_ id: Int64, latest: Moment? = nil) async throws(CommandCenterError) {
    try await act("kill", on: id, latest: latest)
  }

  private func act(
    _ action: String, on id: Int64, latest: Moment? = nil
  ) async throws(CommandCenterError) {
    let answer = try await exchange(
      .post, "/Job/\(id)/action/\(action)", isHarmless: false, latest: latest)
    do {
      try decodeAcknowledgement(status: answer.status, body: answer.body)
    } catch {
      throw CommandCenterError(error, isHarmless: false)
    }
    // Whoever waits for the job learns soon what has become of it.
    watcher.look(at: id, now: clock.now)
    replan()
  }

  static func read<Value>(_ decode: () throws(ServerError) -> Value) throws(CommandCenterError) -> Value {
    do { return try decode() } catch { throw CommandCenterError(error, isHarmless: true) }
  }
}
