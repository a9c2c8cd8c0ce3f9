import CommandCenterAPI

/// All that scripts see, in the order of the reference.
public enum APIReference {
  /// Functions, methods and values.
  public static var entries: [APIEntry] {
    globals + FlowModule.entries + [StepFunction.entry, RetryFunction.entry] + SpawnedBranch.entries
      + RecordTypes.entries
      + Semaphore.entries + Permit.entries + RunModule.entries + [PoolModule.entry] + CommcellModule.entries
      + Commcell.entries + JobHandle.entries + SecretModule.entries + LogModule.entries + JSONModule.entries
  }

  /// Kinds of values, by name.
  public static let shapes: [APIShape] =
    BackupModule.shapes + [BackupTask.shape] + SubmitOptions.shapes + SchemaTable.shapes
    + DefineFunction.shapes + FlowModule.shapes + [RetryFunction.shape] + RecordTypes.shapes
    + [SpawnedBranch.shape, Semaphore.shape, Permit.shape] + RunModule.shapes
    + [PoolModule.shape, PoolModule.options, Commcell.shape, EntityTable.shape, Commcell.idsShape]
    + [Commcell.clientQuery, Commcell.instanceQuery, Commcell.backupsetQuery, Commcell.subclientQuery]
    + [Commcell.idQuery, Commcell.jobQuery, Commcell.requestShape, Commcell.answerShape]
    + JobHandle.shapes + [SecretModule.shape] + LogModule.shapes + JSONModule.shapes + [
      ProfileReader.shape, error,
    ]

  /// The shape of that name.
  public static func shape(_ name: String) -> APIShape? { shapes.first { $0.name == name } }

  /// What stands behind a module, or an object of a shape: `flow`, `task`; functions, then fields, each once.
  public static func members(of owner: String) -> [String] {
    var names = entries.filter { $0.owner == owner }.map(\.member)
    var shape = shape(owner)
    while let known = shape {
      names += known.names
      shape = known.parent.flatMap(Self.shape)
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// Every name that one may ask for: functions, values, modules, kinds of values.
  public static var names: [String] {
    var seen: Set<String> = []
    return (entries.map(\.name) + shapes.map(\.name)).filter { seen.insert($0).inserted }
  }

  private static var globals: [APIEntry] {
    [
      APIEntry(
        "backup", ": backup", "The workloads of the run's own Command Center.",
        example: "print(backup.rds.schema.title)")
    ] + BackupModule.entries + [DefineFunction.entry] + BackupTask.entries + [
      APIEntry(
        "arg", ": table<integer, string>",
        "The command line: the script's name at 0, its arguments from 1, what stands before it below 0.",
        example: "local count = tonumber(arg and arg[1]) or 300")
    ]
  }

  /// What `pcall` gives where a function of ours raised.
  private static let error = APIShape(
    "error", .table, "What functions raise. As text it is one sentence with the script's line.",
    [
      .init("kind", "string", "argument, payload, not_found, cancelled, …"),
      .init("message", "string", "one sentence, without the line"),
      .init("where?", "string", "the script's file and line"),
      .init("code?", "integer", "the server's code"),
      .init("field?", "string", "the field of the payload that it is about"),
      .init("mistakes?", "error[]", "each mistake of a payload"),
      .init("traceback?", "string", "how the script came there"),
    ])
}
