import CommandCenterAPI
import Testing

@Suite("The words of the API")
struct VocabularyTests {
  @Test("have the numbers that the pages and the vendor's tools use")
  func numbers() {
    #expect(
      BackupLevel.values == [
        NamedValue("FULL", 1), NamedValue("INCREMENTAL", 2), NamedValue("DIFFERENTIAL", 4),
        NamedValue("SYNTHETIC_FULL", 64), NamedValue("TRANSACTION_LOG"),
      ])
    #expect(TaskType.values == [NamedValue("IMMEDIATE", 1), NamedValue("SCHEDULE", 2)])
    #expect(
      SubTaskType.values == [NamedValue("ADMIN", 1), NamedValue("BACKUP", 2), NamedValue("RESTORE", 3)])
    #expect(OperationType.values == [NamedValue("BACKUP", 2), NamedValue("RESTORE", 1001)])
    #expect(
      EntityType.values == [
        NamedValue("CLIENT_ENTITY", 3), NamedValue("INSTANCE_ENTITY", 5), NamedValue("BACKUPSET_ENTITY", 6),
        NamedValue("SUBCLIENT_ENTITY", 7),
      ])
    #expect(
      Application.values == [
        NamedValue("Oracle", 22), NamedValue("SQL Server", 81), NamedValue("Cloud Apps", 134),
      ])
    #expect(
      CloudInstanceType.values == [
        NamedValue("Amazon RDS", 4), NamedValue("DynamoDB", 22), NamedValue("DocumentDB", 27),
      ])
  }

  @Test("are found as people and servers spell them")
  func spelling() {
    #expect(BackupLevel(named: "Synthetic Full") == .syntheticFull)
    #expect(BackupLevel(named: "transaction-log") == .transactionLog)
    #expect(BackupLevel(named: "fulll") == nil)
    #expect(BackupLevel(number: 64) == .syntheticFull)
    #expect(BackupLevel(number: 3) == nil)
  }

  @Test("for how a backup came out are the ones that scripts see")
  func outcomes() {
    #expect(
      Outcome.allCases.map(\.rawValue) == [
        "completed", "warnings", "skipped", "errors", "committed", "failed", "failed_to_start", "killed",
        "busy",
        "rejected", "unreachable", "gave_up", "ambiguous", "error",
      ])
    #expect(Outcome.allCases.filter(\.isOkByDefault) == [.completed, .warnings])
    #expect(Outcome.worst([.completed, .failed, .warnings]) == .failed)
    #expect(Outcome.worst([.gaveUp, .failed]) == .gaveUp)
    #expect(Outcome.worst([]) == nil)
  }
}
