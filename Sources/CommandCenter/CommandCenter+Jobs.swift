import Clock
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

  /// Suspends a job.
  public func pause(_ id: Int64) async throws(CommandCenterError) { try await act("pause", on: id) }

  /// Resumes a suspended job.
  public func resume(_ id: Int64) async throws(CommandCenterError) { try await act("resume", on: id) }

  /// Kills a job.
  public func kill(_ id: Int64) async throws(CommandCenterError) { try await act("kill", on: id) }

  private func act(_ action: String, on id: Int64) async throws(CommandCenterError) {
    let answer = try await request(.post, "/Job/\(id)/action/\(action)")
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
