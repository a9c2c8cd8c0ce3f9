/// Requests by what they are for: the TARGET of a fault that is no submit's.
enum RequestClass: String, CaseIterable {
  case login, logout, createtask, jobs, job, lookup
  /// Any of them, and those that the server does not know.
  case request

  /// Whether requests of that route are meant; nil is a route that the server does not know.
  func contains(_ route: Route?) -> Bool {
    if self == .request { return true }
    return switch route {
    case .login, .renewToken, .renewAccessToken: self == .login
    case .logout: self == .logout
    case .createTask, .backUp: self == .createtask
    case .jobs: self == .jobs
    case .job, .jobDetails, .taskDetails, .action: self == .job
    case nil: false
    default: self == .lookup
    }
  }
}
