import HTTPTypes

/// What a path below the API's own means. Paths match without regard to case.
enum Route: Hashable {
  case login, logout, createTask
  case jobs, jobDetails
  case job(Int64), taskDetails(Int64)
  case action(Action, Int64)
  case clients, instances, backupsets, subclients, getId

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
    case .login, .logout, .createTask, .jobs, .jobDetails, .action: .post
    case .job, .taskDetails, .clients, .instances, .backupsets, .subclients, .getId: .get
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
    }
  }
}
