/// How much a backup copies. Numbers: what job lists answer as `backupLevel` (the vendor's Python SDK and
/// recorded responses).
public enum BackupLevel: String, NamedValues {
  case full = "FULL"
  case incremental = "INCREMENTAL"
  case differential = "DIFFERENTIAL"
  case syntheticFull = "SYNTHETIC_FULL"
  case transactionLog = "TRANSACTION_LOG"

  public var number: Int64? {
    switch self {
    case .full: 1
    case .incremental: 2
    case .differential: 4
    case .syntheticFull: 64
    // No public source tells one.
    case .transactionLog: nil
    }
  }
}
