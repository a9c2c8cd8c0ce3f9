/// What an association names: the API's `_type_`.
public enum EntityType: String, NamedValues {
  case client = "CLIENT_ENTITY"
  case instance = "INSTANCE_ENTITY"
  case backupset = "BACKUPSET_ENTITY"
  case subclient = "SUBCLIENT_ENTITY"

  public var number: Int64? {
    switch self {
    case .client: 3
    case .instance: 5
    case .backupset: 6
    case .subclient: 7
    }
  }
}

/// The agent that a subclient belongs to: the API's `appName`, and its number `applicationId`.
public enum Application: String, NamedValues {
  case oracle = "Oracle"
  case sqlServer = "SQL Server"
  case cloudApps = "Cloud Apps"

  public var number: Int64? {
    switch self {
    case .oracle: 22
    case .sqlServer: 81
    case .cloudApps: 134
    }
  }
}

/// What a Cloud Apps instance holds: the API's `instanceType`.
public enum CloudInstanceType: String, NamedValues {
  case rds = "Amazon RDS"
  case dynamoDB = "DynamoDB"
  case documentDB = "DocumentDB"

  public var number: Int64? {
    switch self {
    case .rds: 4
    case .dynamoDB: 22
    case .documentDB: 27
    }
  }
}
