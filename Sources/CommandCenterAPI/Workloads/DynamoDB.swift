extension Workload {
  /// Backs up a table group of Amazon DynamoDB. The page gives the level no default, so none is sent.
  public static let dynamodb = builtIn(
    name: "dynamodb",
    title: "DynamoDB backup",
    doc: "Backs up a table group of Amazon DynamoDB.",
    page: "DynamoDB Backup",
    containers: Container.frame + [.entityInfo] + Container.wayToUser,
    fields: [
      .clientName.required("the cloud account"),
      .instanceName.required(),
      .displayName.documented("the cloud account as it is shown to people"),
      .backupsetId,
      .entityType,
      .commCellName,
      .instanceId,
      .csGUID,
      .subclientGUID.documented("the GUID of the table group"),
      .subclientId.required("the id of the table group"),
      .clientId.documented("the id of the cloud account"),
      .appName,
      .backupsetName,
      .applicationId.defaulting(to: Application.cloudApps),
      .subclientName.documented("the table group"),
    ] + Field.entityInfo + [
      .taskType(.integer),
      .subTaskType(.integer),
      .operationType(.integer),
      .backupLevel,
      .notifyUserOnJobCompletion,
    ] + Field.user)
}
