import Clock
import CommandCenterAPI
import HTTPTypes

/// All that a simulated Command Center knows, and how it answers.
struct CommCell {
  let seed: UInt64
  let settings: SimulatorSettings
  var accounts: Accounts
  var inventory: Inventory
  var book = JobBook()
  var faults: FaultCounter
  var wireFaults: WireFaultCounter
  var lastTaskId: Int64 = 9919
  /// How often each target and level was submitted.
  var submits: [SubmitKey: Int] = [:]
  private var requests: [RequestKey: Int] = [:]

  struct SubmitKey: Hashable {
    let subclient: Int
    let level: BackupLevel
  }

  private struct RequestKey: Hashable {
    let method: String
    let path: String
  }

  init(seed: UInt64, faults: FaultPlan, inventory: Inventory, settings: SimulatorSettings) {
    self.seed = seed
    self.settings = settings
    self.inventory = inventory
    self.faults = FaultCounter(faults)
    wireFaults = WireFaultCounter(faults)
    accounts = Accounts(settings, seed: seed)
  }

  mutating func answer(_ request: HTTPRequest, _ body: [UInt8], at now: Moment) -> Answer {
    let parts = (request.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first ?? ""
    let route = Route(path)
    count(request, route)
    switch (route, request.method) {
    case (.login, .post): return logIn(body, at: now)
    case (.renewToken, .post): return renewToken(body, at: now)
    // By this a client sees whether anybody is there.
    case (.root, .get): return .text(.ok, "Simulated Command Center")
    default: break
    }
    guard let token = Self.token(of: request), accounts.isGood(token, at: now) else { return .accessDenied }
    guard let route else { return .notFound }
    guard request.method == route.method else { return .methodNotAllowed }
    book.settle(at: now)
    let query = Query(parts.count > 1 ? parts[1] : "")
    switch route {
    case .login, .logout, .renewToken, .root:
      accounts.logOut(token)
      return .text(.ok, "User logged out")
    case .createTask: return createTask(body, at: now)
    case .backUp(let id): return backUp(id, query, at: now)
    case .jobs: return listJobs(body, at: now)
    case .job(let id): return job(id, at: now)
    case .jobDetails: return jobDetails(body, at: now)
    case .taskDetails(let id): return taskDetails(id, at: now)
    case .action(let action, let id): return act(action, onJob: id, at: now)
    case .clients: return query["PseudoClientType"] == nil ? listClients() : .object { _ in }
    case .instances: return listInstances(query)
    case .backupsets: return listBackupsets(query)
    case .subclients: return listSubclients(query)
    case .getId: return ids(query)
    case .client(let id): return client(id)
    case .instance(let id): return instance(id)
    case .backupset(let id): return backupset(id)
    case .subclient(let id): return subclient(id)
    case .agents: return listAgents(query)
    // Nobody has scheduled anything, and there is no access node.
    case .schedules, .accessNodes: return .object { _ in }
    case .whoAmI: return whoAmI()
    case .commServ: return commServ()
    }
  }

  /// Counts a request, for whoever wants to know what was asked.
  mutating func count(_ request: HTTPRequest, _ route: Route?) {
    requests[RequestKey(method: request.method.rawValue, path: route?.name ?? "?"), default: 0] += 1
  }

  private mutating func logIn(_ body: [UInt8], at now: Moment) -> Answer {
    guard let request = LoginRequest(decoding: body) else { return .badRequest }
    if let token = accounts.logIn(request, at: now) {
      var json = JSONWriter()
      LoginAnswer(token: token, userName: request.username, userGUID: "").write(to: &json)
      return Answer(.ok, json.bytes)
    }
    // A refusal comes under HTTP 200, without a token.
    return .object { json in
      json.key("errList")
      json.beginArray()
      json.beginObject()
      json.member("errorCode", 1127 as Int64)
      json.member("errLogMessage", "Invalid user name or password.")
      json.endObject()
      json.endArray()
      json.member("isAccountLocked", false)
      json.member("remainingLockTime", 0 as Int64)
    }
  }

  /// `POST /RenewLoginToken`
  private mutating func renewToken(_ body: [UInt8], at now: Moment) -> Answer {
    guard let json = try? JSONValue(parsing: body), let old = json["sessionId"]?.string else {
      return .badRequest
    }
    guard let token = accounts.renew(old, device: json["deviceId"]?.string ?? "", at: now) else {
      return .object { json in
        json.key("error")
        json.beginObject()
        json.member("errorCode", 5 as Int64)
        json.member("errLogMessage", "The token cannot be renewed.")
        json.endObject()
      }
    }
    return .object { $0.member("token", token) }
  }

  /// From the header `Authtoken`, or `Authorization: Bearer …`.
  private static func token(of request: HTTPRequest) -> String? {
    if let token = request.headerFields[.authtoken] { return token }
    guard let value = request.headerFields[.authorization], value.hasPrefix("Bearer ") else { return nil }
    return String(value.dropFirst("Bearer ".count))
  }

  func view(at now: Moment) -> SimulatorView {
    let counts = requests.map { key, count in
      SimulatorView.RequestCount(method: key.method, path: key.path, count: count)
    }
    let jobs = book.jobs.map { job in
      SimulatorView.Job(
        jobId: job.id, taskId: job.taskId, workload: inventory.kind(of: job.subclient).rawValue,
        target: job.target, status: job.timeline.state(at: now).status.name,
        description: job.description, user: job.user,
        isInvented: inventory.subclients[job.subclient].isInvented)
    }
    return SimulatorView(requests: counts.sorted { ($0.path, $0.method) < ($1.path, $1.method) }, jobs: jobs)
  }

  func isInvented(jobId: Int64) -> Bool {
    let index = Int(jobId - JobBook.firstId)
    return book.jobs.indices.contains(index) && inventory.subclients[book.jobs[index].subclient].isInvented
  }

  var inventedTargets: [String] {
    var seen: Set<String> = []
    return book.jobs.filter {
      inventory.subclients[$0.subclient].isInvented && seen.insert($0.target).inserted
    }
    .map(\.target)
  }
}

extension HTTPField.Name {
  // A valid name, so there is one.
  static let authtoken = HTTPField.Name("Authtoken")!
}
