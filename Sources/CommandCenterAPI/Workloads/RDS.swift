extension Workload {
  /// Takes a snapshot of an Amazon RDS instance. The page types names everywhere, no numbers.
  public static let rds = builtIn(
    name: "rds",
    title: "RDS snapshot backup",
    doc: "Takes a snapshot of an Amazon RDS instance.",
    page: "RDS Snap Backup",
    containers: Container.frame,
    fields: [
      .clientName.required("the cloud account"),
      .instanceName.required("the RDS instance"),
      .displayName.documented("the cloud account as it is shown to people"),
      .entityTypeName.required().fixed(to: EntityType.subclient),
      .appName.required().fixed(to: Application.cloudApps),
      .subclientName.required(),
      .taskType(.string),
      .subTaskType(.string),
      .operationType(.string),
      .backupLevel.defaulting(to: BackupLevel.full),
      .notifyUserOnJobCompletion.defaulting(to: true),
    ])
}
