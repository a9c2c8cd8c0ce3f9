import HTTPTypes

/// What a path below the API's own means. Paths match without regard to case.
enum Route: Hashable {
  case login, logout, createTask
  case jobs, jobDetails
  case job(Int64), taskDetails(Int64)
  case action(Action, Int64)
  case clients, instances, backupsets, subclients, getId
  /// One of each, with all its properties.
  case client(Int64), instance(Int64), backupset(Int64), subclient(Int64)
  case agents, schedules
  /// A backup of one subclient by its id, without a body.
  case backUp(Int64)
  case renewToken, renewAccessToken, whoAmI, commServ, accessNodes
  /// The path that all others are below.
  case root

  enum Action: String {
    case pause, resume, kill
  }

  static let base = "/commandcenter/api/"

  /// - Parameter path: without the query.
  init?(_ path: some StringProtocol) {
    let path = path.lowercased()
    guard path.hasPrefix(Self.base) else { return nil }
    let parts = path.utf8.dropFirst(Self.base.utf8.count).split(separator: UInt8(ascii: "/")).map(
      Substring.init)
    func id() -> Int64? { parts.count > 1 ? Int64(parts[1]) : nil }
    func item(_ route: (Int64) -> Route) -> Route? { id().map(route) }
    let known: Route? =
      switch (parts.first, parts.count) {
      case (nil, 0): .root
      case ("renewlogintoken", 1): .renewToken
      case ("v4", 3):
        parts[1] == "accesstoken" && parts[2] == "renew" ? .renewAccessToken : nil
      case ("whoami", 1): .whoAmI
      case ("commserv", 1): .commServ
      case ("agent", 1): .agents
      case ("schedules", 1): .schedules
      case ("vsaclientandclientgrouplist", 1): .accessNodes
      case ("client", 2): item(Route.client)
      case ("instance", 2): item(Route.instance)
      case ("backupset", 2): item(Route.backupset)
      case ("subclient", 2): item(Route.subclient)
      case ("subclient", 4): parts[2] == "action" && parts[3] == "backup" ? item(Route.backUp) : nil
      default: nil
      }
    if let known {
      self = known
      return
    }
    switch (parts.first, parts.count) {
    case ("login", 1): self = .login
    case ("logout", 1): self = .logout
    case ("createtask", 1): self = .createTask
    case ("jobs", 1): self = .jobs
    case ("jobdetails", 1): self = .jobDetails
    case ("client", 1): self = .clients
    case ("instance", 1): self = .instances
    case ("backupset", 1): self = .backupsets
    case ("subclient", 1): self = .subclients
    case ("getid", 1): self = .getId
    case ("job", 2):
      guard let id = id() else { return nil }
      self = .job(id)
    case ("job", 3):
      guard let id = id(), parts[2] == "taskdetails" else { return nil }
      self = .taskDetails(id)
    case ("job", 4):
      guard let id = id(), parts[2] == "action", let action = Action(rawValue: String(parts[3])) else {
        return nil
      }
      self = .action(action, id)
    default: return nil
    }
  }

  var method: HTTPRequest.Method {
    switch self {
    case .login, .logout, .createTask, .jobs, .jobDetails, .action, .backUp, .renewToken,
      .renewAccessToken, .whoAmI:
      .post
    case .job, .taskDetails, .clients, .instances, .backupsets, .subclients, .getId, .client, .instance,
      .backupset, .subclient, .agents, .schedules, .commServ, .accessNodes, .root:
      .get
    }
  }

  /// Whether it starts backups.
  var isSubmit: Bool {
    switch self {
    case .createTask, .backUp: true
    default: false
    }
  }

  /// The path as API pages write it.
  var name: String {
    switch self {
    case .login: "/Login"
    case .logout: "/Logout"
    case .createTask: "/createtask"
    case .jobs: "/Jobs"
    case .jobDetails: "/JobDetails"
    case .job: "/Job/{id}"
    case .taskDetails: "/Job/{id}/TaskDetails"
    case .action(let action, _): "/Job/{id}/action/\(action.rawValue)"
    case .clients: "/Client"
    case .instances: "/Instance"
    case .backupsets: "/Backupset"
    case .subclients: "/Subclient"
    case .getId: "/GetId"
    case .client: "/Client/{id}"
    case .instance: "/Instance/{id}"
    case .backupset: "/Backupset/{id}"
    case .subclient: "/Subclient/{id}"
    case .agents: "/Agent"
    case .schedules: "/Schedules"
    case .backUp: "/Subclient/{id}/action/backup"
    case .renewToken: "/RenewLoginToken"
    case .renewAccessToken: "/V4/AccessToken/Renew"
    case .whoAmI: "/WhoAmI"
    case .commServ: "/CommServ"
    case .accessNodes: "/VSAClientAndClientGroupList"
    case .root: "/"
    }
  }
}
