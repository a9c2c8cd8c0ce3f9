/// When a task runs.
public enum TaskType: String, NamedValues {
  case immediate = "IMMEDIATE"
  case schedule = "SCHEDULE"

  public var number: Int64? {
    switch self {
    case .immediate: 1
    case .schedule: 2
    }
  }
}

/// What kind of work a subtask is.
public enum SubTaskType: String, NamedValues {
  case admin = "ADMIN"
  case backup = "BACKUP"
  case restore = "RESTORE"

  public var number: Int64? {
    switch self {
    case .admin: 1
    case .backup: 2
    case .restore: 3
    }
  }
}

/// What a subtask does.
public enum OperationType: String, NamedValues {
  case backup = "BACKUP"
  case restore = "RESTORE"

  public var number: Int64? {
    switch self {
    case .backup: 2
    case .restore: 1001
    }
  }
}
