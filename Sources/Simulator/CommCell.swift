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
  var writes: HourlyCounter
  var reads: HourlyCounter
  /// Nil where nobody keeps the cell.
  var saved: SavedMarks?
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
    writes = HourlyCounter(limit: settings.limits.writes)
    reads = HourlyCounter(limit: settings.limits.reads)
  }

  mutating func answer(_ request: HTTPRequest, _ body: [UInt8], at now: Moment) -> Answer {
    let parts = (request.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first ?? ""
    let route = Route(path)
    count(request, route)
    if let refusal = overLimit(request, route, at: now) { return refusal }
    switch (route, request.method) {
    case (.login, .post): return logIn(body, at: now)
    case (.renewToken, .post): return renewToken(body, at: now)
    case (.renewAccessToken, .post): return renewAccessToken(body, at: now)
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
    case .login, .logout, .renewToken, .renewAccessToken, .root:
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

  func view(at now: Moment) -> SimulatorView {
    let counts = requests.map { key, count in
      SimulatorView.RequestCount(method: key.method, path: key.path, count: count)
    }
    let jobs = book.jobs.map { job in
      let state = job.timeline.state(at: now)
      return SimulatorView.Job(
        jobId: job.id, taskId: job.taskId, workload: inventory.kind(of: job.subclient).rawValue,
        target: job.target, status: state.status.name,
        description: job.description, submitted: job.submitted,
        ended: state.status.isTerminal ? state.since : nil, user: job.user,
        isInvented: inventory.subclients[job.subclient].isInvented)
    }
    return SimulatorView(
      requests: counts.sorted { ($0.path, $0.method) < ($1.path, $1.method) },
      writes: SimulatorView.Usage(writes), reads: SimulatorView.Usage(reads), jobs: jobs)
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
