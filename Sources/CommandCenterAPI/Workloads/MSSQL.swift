extension Workload {
  /// Backs up a subclient of Microsoft SQL Server. The page marks nothing as required: the ids are what names
  /// the target, and the level is required by the page of a later release, which lists three.
  public static let mssql = builtIn(
    name: "mssql",
    title: "SQL Server backup",
    doc: "Backs up a subclient of Microsoft SQL Server.",
    page: "Backup Subclient (MSSQL)",
    containers: Container.frame + [.entityInfo, .dataOpt],
    fields: [
      .instanceId.required(),
      .subclientId.required(),
      .clientId.required(),
      .appName.fixed(to: Application.sqlServer),
    ] + Field.namesOfIds + Field.entityInfo + [
      .taskType(.integer),
      .subTaskType(.integer),
      .operationType(.integer),
      .backupLevel.required()
        .oneOf([BackupLevel.full, .transactionLog, .differential].map(\.value))
        .from("the page of release SP36"),
      Field(
        "copyOnly", .boolean, in: "dataOpt",
        doc: "whether the full leaves the chain of backups as it is"),
    ],
    rules: [Rule(where: "copyOnly", is: true, needs: "backupLevel", among: ["FULL"])])
}
