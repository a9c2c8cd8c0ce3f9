extension Workload {
  /// Backs up a cluster group of Amazon DocumentDB.
  public static let documentdb = builtIn(
    name: "documentdb",
    title: "DocumentDB backup",
    doc: "Backs up a cluster group of Amazon DocumentDB.",
    page: "AWS DocumentDB cluster backup",
    containers: Container.frame + [.entityInfo] + Container.wayToUser,
    fields: [
      .clientName.required("the cloud account"),
      .instanceName.required(),
      .displayName.documented("the cloud account as it is shown to people"),
      .backupsetId,
      .entityType,
      .commCellName,
      .instanceId,
      .subclientId.documented("the id of the cluster group"),
      .clientId.documented("the id of the cloud account"),
      .appName,
      .backupsetName.defaulting(to: .string(usualBackupset)),
      .applicationId,
      .subclientName.required("the cluster group"),
    ] + Field.entityInfo + [
      .taskType(.integer),
      .subTaskType(.integer).required(),
      .operationType(.integer),
      .backupLevel.required().defaulting(to: BackupLevel.full),
      .notifyUserOnJobCompletion,
    ] + Field.user)
}
