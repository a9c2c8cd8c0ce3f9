import CommandCenterAPI

/// What a subclient holds, and so how its backups go. Figures are invented, of a plausible size.
enum Kind: String, CaseIterable {
  case dynamodb
  case documentdb
  case rds
  case mssql
  case oracle
  /// One that a script has defined for itself.
  case other

  var application: Application {
    switch self {
    case .dynamodb, .documentdb, .rds, .other: .cloudApps
    case .mssql: .sqlServer
    case .oracle: .oracle
    }
  }

  var cloudType: CloudInstanceType? {
    switch self {
    case .dynamodb: .dynamoDB
    case .documentdb: .documentDB
    case .rds: .rds
    case .mssql, .oracle, .other: nil
    }
  }

  /// The phases of a backup, with the part of the whole work that each does.
  var phases: [(name: String, share: Double)] {
    switch self {
    case .dynamodb, .documentdb, .other: [("Discovery", 0.05), ("Backup", 0.9), ("Archive Index", 0.05)]
    case .rds: [("Discovery", 0.1), ("Snapshot", 0.8), ("Catalog Snapshot", 0.1)]
    case .mssql: [("Backup", 0.95), ("Archive Index", 0.05)]
    case .oracle: [("Export", 0.4), ("Backup", 0.55), ("Archive Index", 0.05)]
    }
  }

  /// How long a backup runs, from a small target to a large one: seconds.
  func seconds(_ level: BackupLevel) -> ClosedRange<Double> {
    switch (self, level) {
    case (.rds, _): 180...1080
    case (_, .transactionLog): 45...240
    case (.dynamodb, .full): 700...4500
    case (.documentdb, .full): 1200...5400
    case (.mssql, .full): 900...6600
    case (.oracle, .full): 2100...9600
    case (.other, .full): 600...3600
    case (.dynamodb, _): 180...840
    case (.documentdb, _): 240...900
    case (.mssql, _): 300...1800
    case (.oracle, _): 480...1800
    case (.other, _): 180...720
    }
  }

  /// How large a target is: bytes.
  var bytes: ClosedRange<Double> {
    switch self {
    case .dynamodb: 2e9...600e9
    case .documentdb: 8e9...900e9
    case .rds: 20e9...1500e9
    case .mssql: 5e9...800e9
    case .oracle: 50e9...2500e9
    case .other: 1e9...300e9
    }
  }

  /// Why such a backup fails, for the fault of this name.
  var reasonToFail: String {
    switch self {
    case .dynamodb: "The table could not be read: its provisioned read capacity was used up."
    case .documentdb: "The cluster's endpoint closed the connection."
    case .rds: "The snapshot could not be taken: the instance is being modified."
    case .mssql: "The database is in recovery and cannot be backed up."
    case .oracle: "The export ended early: its tablespace could not be extended."
    case .other: "The backup could not be finished."
    }
  }
}
