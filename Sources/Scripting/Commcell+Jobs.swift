import Clock
import CommandCenter
import CommandCenterAPI
import LuaVM

/// The jobs of a Command Center, for scripts.
extension Commcell {
  static var jobEntries: [APIEntry] {
    [
      APIEntry(
        "commcell:job", "(id: integer|string): job",
        "A job of that Command Center: :status(), :details(), :wait(), :pause(), :resume(), :kill().",
        example: "assert(commcell():job(1):status() == nil)"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        let commcell = try call.receiver(session.types.commcell, "commcell:job")
        call.push(JobHandle(try JobHandle.id(call, 2), commcell.center), as: session.types.job)
        return .values(1)
      },
      APIEntry(
        "commcell:jobs",
        "(query?: job_query): list: job_status[]", waits: true,
        """
        Jobs, the newest first, each as job:status() gives it. `active = true`: those that have not ended; \
        `finished_since`: those that ended since, a duration back from now (\"8h\") or unix time; both together: \
        all of these; neither: all of the last 24 hours. `client` is a name or an id, `status` one status or a \
        list of them (\"Failed\"), `limit` the most to list.
        """,
        example:
          "for _, j in ipairs(commcell():jobs{ finished_since = \"12h\", status = \"Failed\" }) do print(j.id, j.client) end",
        jobs),
    ]
  }

  static let jobQuery = APIShape(
    "job_query", .arguments, "Which jobs.",
    [
      .init("active?", "boolean", "those that have not ended"),
      .init(
        "finished_since?", "string|integer", "those that ended since: \"8h\" back from now, or unix time"),
      .init("client?", "string|integer", "those of a client, by name or id"),
      .init("subclient_id?", "integer", "those of a subclient"),
      .init("status?", "job_status_name|job_status_name[]", "those of one of these"),
      .init("limit?", "integer", "the most to list"),
    ])

  private static func jobs(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let (commcell, arguments) = try receive(call, "commcell:jobs", jobQuery.names)
    var query = JobQuery()
    let isActive = try arguments.flag("active")
    let since = try seconds(arguments, session)
    query.category = isActive ? (since == nil ? .active : .all) : (since == nil ? .all : .finished)
    if let since { query.completedJobLookupTime = since }
    if let id = try arguments.count("subclient_id") { query.entity = JobQuery.Entity(subclientId: id) }
    query.statuses = try statuses(arguments)
    let most = try arguments.count("limit").map { Int(clamping: $0) } ?? .max
    let client = try arguments.naming("client")
    let (center, asked) = (commcell.center, query)
    return try session.wait(
      call,
      { () async throws(LuaFailure) in
        var query = asked
        if let client { query.clientIds = [try await clientId(client, center, "commcell:jobs")] }
        do throws(CommandCenterError) { return try await center.allJobs(query, most: most) } catch {
          throw LuaFailure(error)
        }
      },
      { stack, jobs in
        stack.pushTable(list: jobs.count)
        for (index, job) in jobs.enumerated() {
          JobHandle.push(stack, job)
          stack.set(-2, at: index + 1)
        }
        return 1
      })
  }

  /// How far back `finished_since` goes, in seconds: at least one.
  private static func seconds(
    _ arguments: NamedArguments, _ session: Session
  ) throws(LuaFailure) -> Int64? {
    let call = arguments.call
    return try arguments.value("finished_since") { () throws(LuaFailure) in
      if let text = call.string(-1), let duration = DurationText.parse(text) {
        return max(1, duration.components.seconds)
      }
      let now = session.clock.now.unixSeconds
      if let moment = call.integer(-1), (0...now).contains(moment) { return max(1, now - moment) }
      throw arguments.mistake("finished_since", "a duration such as \"8h\", or a past unix time")
    }
  }

  /// One status, or a list of them.
  private static func statuses(_ arguments: NamedArguments) throws(LuaFailure) -> [JobStatus] {
    let call = arguments.call
    func status() throws(LuaFailure) -> JobStatus {
      guard let name = call.string(-1) else { throw arguments.mistake("status", "the name of one") }
      let status = JobStatus(name)
      if case .unknown = status {
        let names = JobStatus.known.map(\.name)
        let hint = didYouMean(name, among: names).map { "; did you mean \($0)?" }
        throw .argument(
          "commcell:jobs: \"\(name)\" is no status\(hint ?? "; there are \(names.joined(separator: ", "))")")
      }
      return status
    }
    return try arguments.value("status") { () throws(LuaFailure) in
      guard call.type(-1) == .table else { return [try status()] }
      var found: [JobStatus] = []
      for index in stride(from: 1, through: call.rawLength(-1), by: 1) {
        call.get(-1, at: index)
        defer { call.pop() }
        found.append(try status())
      }
      return found
    } ?? []
  }
}
