/// The fields that the pages share. What a page says beyond this (required, a default, what it is), its
/// workload adds.
extension Field {
  // MARK: associations

  public static let clientName = string("clientName", "the client")
  public static let clientId = integer("clientId", "the id of the client").found(by: "clientName")
  public static let instanceName = string("instanceName", "the instance")
  public static let instanceId = integer("instanceId", "the id of the instance")
    .found(by: "instanceName")
  public static let backupsetName = string("backupsetName", "the backup set")
  public static let backupsetId = integer("backupsetId", "the id of the backup set")
    .found(by: "backupsetName")
  public static let subclientName = string("subclientName", "the subclient")
  public static let subclientId = integer("subclientId", "the id of the subclient")
    .found(by: "subclientName")
  public static let subclientGUID = string("subclientGUID", "the GUID of the subclient")
  public static let displayName = string("displayName", "the client as it is shown to people")
  public static let commCellName = string("commCellName", "the CommCell that the client belongs to")
  public static let csGUID = string("csGUID", "the GUID of the CommServe")
  public static let appName = string("appName", "the agent")
  public static let applicationId = integer("applicationId", "the agent, by number")
    .knowing(Application.values)
  /// A number on most pages.
  public static let entityType = integer("_type_", "what the association names")
    .knowing(EntityType.values).from("the vendor's Python SDK")
  /// A name on the page of RDS.
  public static let entityTypeName = string("_type_", "what the association names")

  private static func string(_ name: String, _ doc: String) -> Field {
    Field(name, .string, in: "associations", doc: doc)
  }

  private static func integer(_ name: String, _ doc: String) -> Field {
    Field(name, .integer, in: "associations", doc: doc)
  }

  /// What ids are found by where a page lists none of it.
  public static let namesOfIds: [Field] = [
    clientName, instanceName, backupsetName, backupsetId, subclientName,
  ].map { $0.notSent() }

  /// The company that an association belongs to.
  public static let entityInfo: [Field] = [
    Field("companyId", .integer, in: "entityInfo", doc: "the id of the company that the client belongs to"),
    Field("companyName", .string, in: "entityInfo", doc: "the company that the client belongs to"),
    Field(
      "multiCommcellId", .integer, in: "entityInfo", doc: "the id of the CommCell among several joined ones"),
  ]

  // MARK: task and subTask

  /// An immediate one by default: that is what a workflow's submit is.
  public static func taskType(_ type: WireType) -> Field {
    Field("taskType", type, in: "task", doc: "when the task runs")
      .oneOf(TaskType.values).defaulting(to: TaskType.immediate)
  }

  /// A backup by default.
  public static func subTaskType(_ type: WireType) -> Field {
    Field("subTaskType", type, in: "subTask", doc: "what kind of work the subtask is")
      .oneOf(SubTaskType.values).defaulting(to: SubTaskType.backup)
  }

  /// A backup by default.
  public static func operationType(_ type: WireType) -> Field {
    Field("operationType", type, in: "subTask", doc: "what the subtask does")
      .oneOf(OperationType.values).defaulting(to: OperationType.backup)
  }

  // MARK: options

  /// Where a page names no levels, every one that is known.
  public static let backupLevel = Field("backupLevel", .string, in: "backupOpts", doc: "how much to back up")
    .oneOf(BackupLevel.values)

  public static let notifyUserOnJobCompletion = Field(
    "notifyUserOnJobCompletion", .boolean, in: "commonOpts", doc: "whether the user is told when the job ends"
  )

  /// The user on whose behalf the job runs.
  public static let user: [Field] = [
    Field("userId", .integer, in: "User", doc: "the id of the user on whose behalf the job runs"),
    Field("userName", .string, in: "User", doc: "the user on whose behalf the job runs"),
  ]

  /// What any workload may carry beside what its page lists.
  public static let extrasOfAnyWorkload: [Field] = [
    Field("jobDescription", .string, in: "commonOpts", doc: "a free text that the job list shows")
      .from(recordings),
    Field(
      "startInSuspendedState", .boolean, in: "startUpOpts", doc: "whether the job waits to be resumed"
    ).from(recordings),
    Field(
      "useDefaultPriority", .boolean, in: "startUpOpts", doc: "whether the job has its agent's priority"
    ).from(recordings),
    Field("priority", .integer, in: "startUpOpts", doc: "the job's priority")
      .within(0...999).from(recordings),
    Field("jobRetryOpts", .object, in: "commonOpts", doc: "how the server retries the job").from(recordings),
  ]

  private static let recordings = "recorded requests"
}
