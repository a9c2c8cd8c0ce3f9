extension Workload {
  /// Exports an Amazon RDS instance of Oracle. The page marks nothing as required; it types the task by name
  /// and the subtask by number.
  public static let oracle = builtIn(
    name: "oracle",
    title: "Oracle RDS export",
    doc: "Exports an Amazon RDS instance of Oracle.",
    page: "AWS Oracle RDS Export backup",
    containers: Container.frame + [.oracleOptions] + Container.wayToUser,
    fields: [
      .displayName.documented("the cloud account as it is shown to people"),
      .instanceName.required("the Oracle instance"),
      .appName.defaulting(to: Application.oracle),
      .applicationId.defaulting(to: Application.oracle),
      .clientName.required("the cloud account"),
      .subclientName.defaulting(to: "default"),
      .taskType(.string),
      .subTaskType(.integer),
      .operationType(.integer),
      .backupLevel.required(),
      Field(
        "cumulative", .boolean, in: "oracleOptions",
        doc: "whether the incremental holds all changes since the last full"),
      .notifyUserOnJobCompletion,
    ] + Field.user,
    rules: [Rule(where: "cumulative", is: true, needs: "backupLevel", among: ["INCREMENTAL"])])
}
