import Clock
import CommandCenter
import CommandCenterAPI
import LuaVM

/// A job of a Command Center as a script holds it.
final class JobHandle {
  let id: Int64
  let center: CommandCenter

  init(_ id: Int64, _ center: CommandCenter) {
    self.id = id
    self.center = center
  }

  static let shapes = [
    APIShape("job", .object, "A job of a Command Center."),
    APIShape(
      "job_status", .table, "What the server says of a job.",
      [
        .init("id", "string", "the job's id"),
        .init("status", "job_status_name|string", "its state"),
        .init("outcome?", "outcome", "how it came out, once it has ended"),
        .init("percent", "integer", "how far it is"),
        .init("phase?", "string", "what it does now"),
        .init("pending_reason?", "string", "what it waits for"),
        .init("level?", "string", "the backup level, in the server's words"),
        .init("client?", "string", "the client"),
        .init("instance?", "string", "the instance"),
        .init("subclient?", "string", "the subclient"),
        .init("subclient_id?", "integer", "the subclient's id"),
        .init("bytes", "integer", "the size of the data"),
        .init("files", "integer", "how many files or objects"),
        .init("failed_files", "integer", "how many of them failed"),
        .init("started", "integer", "when, as unix time"),
        .init("finished?", "integer", "when, as unix time, once it has ended"),
      ]),
    APIShape(
      "job_status_name", .values(JobStatus.known.map { ($0.name, $0.isTerminal ? "the job has ended" : "") }),
      "The states of a job, as the server names them."),
  ]

  static var entries: [APIEntry] {
    [
      APIEntry(
        "job:status", "(): status: job_status|nil", waits: true,
        """
        What the server says of the job now. Nil where it knows no such job.
        """,
        example: "assert(job(\"1\"):status() == nil)", status),
      APIEntry(
        "job:details", "(): details: table", waits: true,
        """
        What the server tells beyond the status, with its own names: detailInfo (sizes as strings), generalInfo, \
        progressInfo. Raises where it knows no such job.
        """,
        example:
          "local t = backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\", subclientName = \"crm\" }  assert(job(t.jobs[1]):details().generalInfo.taskData.taskId == t.taskId)",
        details),
      APIEntry(
        "job:wait", "(): status: job_status", waits: true,
        "Waits until the job has ended; gives what job:status() gives, and its outcome.",
        example:
          "local t = backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\", subclientName = \"crm\" }  assert(job(t.jobs[1]):wait().outcome == \"completed\")",
        wait),
      APIEntry(
        "job:pause", "()", waits: true, "Suspends the job. Raises what the server says against it.",
        example: "pcall(function() job(\"1\"):pause() end)"
      ) { call throws(LuaFailure) in
        try act(call, "job:pause") { (center, id) async throws(CommandCenterError) in
          try await center.pause(id)
        }
      },
      APIEntry(
        "job:resume", "()", waits: true, "Resumes a suspended job.",
        example: "pcall(function() job(\"1\"):resume() end)"
      ) { call throws(LuaFailure) in
        try act(call, "job:resume") { (center, id) async throws(CommandCenterError) in
          try await center.resume(id)
        }
      },
      APIEntry(
        "job:kill", "()", waits: true, "Kills the job. Its outcome will be \"killed\".",
        example: "pcall(function() job(\"1\"):kill() end)"
      ) { call throws(LuaFailure) in
        try act(call, "job:kill") { (center, id) async throws(CommandCenterError) in try await center.kill(id)
        }
      },
    ]
  }

  static func fill(_ stack: Stack) {
    stack.addMethods(entries.methods)
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      call.push("job \(try call.receiver(Session.of(call).types.job, "job").id)")
      return .values(1)
    }
  }

  /// A job's id: a number, or the string that the server gives.
  static func id(_ call: Stack, _ index: Int) throws(LuaFailure) -> Int64 {
    if let id = call.integer(index) ?? call.string(index).flatMap(Int64.init), id > 0 { return id }
    throw .argument("a job's id is a number such as 148886, not \(call.quoted(index))")
  }

  // MARK: methods

  private static func status(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let handle = try call.receiver(session.types.job, "job:status")
    let (center, id) = (handle.center, handle.id)
    return try session.wait(
      call,
      { () async throws(LuaFailure) in
        do throws(CommandCenterError) { return try await center.job(id) } catch { throw LuaFailure(error) }
      },
      { stack, job in
        if let job { push(stack, job) } else { stack.pushNil() }
        return 1
      })
  }

  private static func details(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let handle = try call.receiver(session.types.job, "job:details")
    let (center, id) = (handle.center, handle.id)
    return try session.wait(
      call,
      { () async throws(LuaFailure) -> [UInt8] in
        let details: JobDetails
        do throws(CommandCenterError) { details = try await center.details(ofJob: id) } catch {
          throw LuaFailure(error)
        }
        // What has been read can be written.
        return (try? details.detail.encoded()) ?? []
      },
      { stack, json in
        json.withUnsafeBufferPointer { bytes in
          do { try LuaJSON.push(stack, bytes) } catch { stack.pushNil() }
        }
        return 1
      })
  }

  private static func wait(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let handle = try call.receiver(session.types.job, "job:wait")
    let (center, id, clock) = (handle.center, handle.id, session.clock)
    return try session.wait(
      call,
      { () async throws(LuaFailure) -> JobSummary in
        let ended = OneAnswer<JobEnd>(clock)
        _ = await center.watch(id) { event in
          switch event {
          case .changed: break
          case .ended(let job): ended.give(.ended(job))
          case .lost: ended.give(.lost)
          }
        }
        let end = await ended.value()
        guard case .ended(let job) = end else {
          throw LuaFailure("not_found", "the Command Center knows no job \(id)")
        }
        return job
      },
      { stack, job in
        push(stack, job)
        return 1
      })
  }

  private enum JobEnd: Sendable {
    case ended(JobSummary)
    case lost
  }

  private static func act(
    _ call: Stack, _ name: String,
    _ action: @escaping @Sendable (CommandCenter, Int64) async throws(CommandCenterError) -> Void
  ) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let handle = try call.receiver(session.types.job, name)
    let (center, id, directory) = (handle.center, handle.id, session.directory)
    return try session.wait(
      call,
      { () async throws(LuaFailure) -> Bool in
        try await directory.permit(center)
        do throws(CommandCenterError) {
          try await action(center, id)
          return true
        } catch { throw LuaFailure(error) }
      },
      { _, _ in 0 })
  }

  static func push(_ stack: Stack, _ job: JobSummary) {
    stack.pushTable(fields: 16)
    func set(_ name: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      stack.push(text)
      stack.set(-2, name)
    }
    func set(_ name: String, _ number: Int64) {
      stack.push(number)
      stack.set(-2, name)
    }
    set("id", String(job.jobId))
    set("status", job.status.name)
    set("outcome", Outcome(job.status)?.rawValue)
    set("phase", job.currentPhaseName)
    set("pending_reason", job.pendingReason)
    set("level", job.backupLevelName)
    set("client", job.subclient.clientName)
    set("instance", job.subclient.instanceName)
    set("subclient", job.subclient.subclientName)
    set("percent", job.percentComplete)
    set("bytes", job.sizeOfApplication)
    set("files", job.totalNumOfFiles)
    set("failed_files", job.totalFailedFiles)
    set("started", job.jobStartTime)
    if job.subclient.subclientId > 0 { set("subclient_id", job.subclient.subclientId) }
    if let end = job.jobEndTime { set("finished", end) }
  }
}

extension LuaFailure {
  /// What a Command Center, or the way to it, says against a request.
  init(_ error: CommandCenterError) {
    self.init(error.kind.rawValue, error.message, code: error.code)
  }
}
