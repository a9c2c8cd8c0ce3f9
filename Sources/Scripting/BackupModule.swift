import CSlots
import CommandCenter
import CommandCenterAPI
import LuaVM
import Workflow

/// `backup`: the workloads, as functions of two tables.
enum BackupModule {
  /// The functions of every workload, registered once.
  struct Functions {
    let with: HostFunctionNumber
    let payload: HostFunctionNumber
    let encode: HostFunctionNumber
    let call: HostFunctionNumber
    let toString: HostFunctionNumber
    let missing: HostFunctionNumber
  }

  static func makeFunctions(_ core: Core) -> Functions {
    Functions(
      with: core.register("with", with), payload: core.register("payload", payload),
      encode: core.register("encode") { call throws(LuaFailure) in
        // The hot path; see scripts/bench.
        guard let known = call.knownUpvalue(1) else { return .none }
        // Every `encode` is made with its workload; see `push`. It lives as long as the call.
        let isDone = Unmanaged<WorkloadFunction>.fromOpaque(known)._withUnsafeGuaranteedRef { function in
          guard let quick = function.quickPayload(call, function.fieldsIndex(call)) else { return false }
          call.push(bytes: UnsafeRawBufferPointer(quick.bytes))
          return true
        }
        if isDone { return .values(1) }
        return try encode(call)
      },
      call: core.register("backup", submit),
      toString: core.register("tostring of a workload") { call throws(LuaFailure) in
        call.push("workload \(try of(call).kind.workload.name)")
        return .values(1)
      },
      missing: core.register("workload") { call throws(LuaFailure) in
        let name = try of(call).kind.workload.name
        throw .argument(
          "backup.\(name) has no \(call.quoted(2)); it has with, payload, encode, schema and name, and is called with a table"
        )
      })
  }

  /// Adds the global `backup`, of the run's own Command Center.
  static func install(_ session: Session) {
    pushTable(session, session.core.stack, commcell: nil)
    session.core.setGlobal("backup")
  }

  /// Pushes a table of all workloads for one Command Center.
  static func pushTable(_ session: Session, _ stack: Stack, commcell: String?) {
    let kinds = session.kinds
    stack.pushTable(fields: kinds.count + 1)
    for kind in kinds {
      push(WorkloadFunction(kind, commcell: commcell), session, stack)
      stack.set(-2, kind.workload.name)
    }
    stack.push(session.defineFunction)
    stack.set(-2, "define")
    stack.pushTable(fields: 2)
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      let names = Session.of(call).kinds.map(\.workload.name)
      let asked = call.string(2) ?? call.shown(2)
      let hint = didYouMean(asked, among: names).map { "; did you mean \($0)?" } ?? ""
      throw .argument(
        "there is no workload \(asked)\(hint.isEmpty ? "; there are \(names.joined(separator: ", ")), and backup.define declares others" : hint)"
      )
    }
    stack.setMetatable(of: -2)
  }

  /// Pushes a workload as scripts call it.
  static func push(_ function: WorkloadFunction, _ session: Session, _ stack: Stack) {
    let functions = session.workloadFunctions
    let kind = function.kind
    stack.push(function, as: session.types.workload) { stack in
      // The userdata lies below its metatable, which lies below the methods.
      stack.pushTable(fields: 5)
      for (name, number) in [
        ("with", functions.with), ("payload", functions.payload), ("encode", functions.encode),
      ] {
        stack.copy(-3)
        stack.push(number, upvalues: 1)
        stack.set(-2, name)
      }
      stack.push(kind.workload.name)
      stack.set(-2, "name")
      SchemaTable.push(stack, kind.workload)
      stack.set(-2, "schema")
      stack.pushTable(fields: 1)
      stack.copy(-4)
      stack.push(functions.missing, upvalues: 1)
      stack.set(-2, "__index")
      stack.setMetatable(of: -2)
      stack.set(-2, "__index")
      stack.copy(-2)
      stack.push(functions.call, upvalues: 1)
      stack.set(-2, "__call")
      stack.copy(-2)
      stack.push(functions.toString, upvalues: 1)
      stack.set(-2, "__tostring")
    }
  }

  private static func of(_ call: Stack) throws(LuaFailure) -> WorkloadFunction {
    guard let function = call.upvalue(1, as: Session.of(call).types.workload) else {
      throw LuaFailure("runtime", "the workload is gone")
    }
    return function
  }

  // MARK: functions

  private static func encode(_ call: Stack) throws(LuaFailure) -> Reply {
    let function = try of(call)
    let fields = function.fieldsIndex(call)
    try function.withPayload(call, fields) { bytes, _, _ in
      call.push(bytes: UnsafeRawBufferPointer(bytes))
    }
    return .values(1)
  }

  private static func payload(_ call: Stack) throws(LuaFailure) -> Reply {
    let function = try of(call)
    try function.withPayload(call, function.fieldsIndex(call)) { bytes, _, _ in
      // What the encoder wrote is JSON.
      try? LuaJSON.push(call, bytes)
    }
    return .values(1)
  }

  /// `workload:with(fields [, options])`: self is both the first argument and the upvalue.
  private static func with(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    guard let function = call.object(1, as: session.types.workload) else {
      throw .argument("with needs its workload: call it with a colon, as in backup.dynamodb:with{ … }")
    }
    push(try function.with(call, fields: 2, options: 3), session, call)
    return .values(1)
  }

  /// `workload(fields [, options])`: submits, and gives a task.
  private static func submit(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let function = try of(call)
    let key = RunModule.takeKey(call)
    let options = try SubmitOptions(call, 3, base: function.options, workload: function.kind.workload.name)
    let center = try session.center(function.commcell, call)
    let submission = try function.submission(call, 2)
    let facts = submission.facts
    var request = BackupRequest(
      commcell: function.commcell ?? Commcell.defaultName, center: center,
      workload: function.kind.workload.name, target: facts.targets.map(\.text).joined(separator: ", "),
      targets: facts.targets, levelAsked: facts.level, payload: submission.payload, okIf: options.okIf,
      place: call.place)
    request.limits = options.limits(patience: center.patience)
    request.onBusy = options.onBusy
    request.pools = options.pools
    request.key = key
    let withdrawal = Withdrawal()
    request.withdrawal = withdrawal
    request.within = Lineage.of(call.branch)?.step?.key
    request.onlyReplays = Lineage.of(call.branch)?.losesRace ?? false
    let asked = request
    let (run, directory, workload) = (session.run, session.directory, function.kind.workload)
    let branch = Keep(call.branch)
    return try session.wait(
      call, onCancel: { withdrawal.withdraw() },
      { () async throws(LuaFailure) in
        var (submission, request) = (submission, asked)
        do throws(Submission.Failure) { try await submission.identify(with: center) } catch {
          switch error {
          case .mistakes(let error): throw LuaFailure(error)
          case .failed(let error): return run.refuse(request, since: error)
          }
        }
        (request.payload, request.targets) = (submission.payload, submission.facts.targets)
        try await directory.permit(request.center)
        if run.ledger != nil {
          if center.marking.isTwoPhase { request.body = workload.suspended(request.payload) }
          if center.marking.hasTag { request.tag = workload.tagPoint(in: request.body ?? request.payload) }
        }
        do throws(RunStop) { return try await run.submit(request) } catch {
          if case .withdrawn = error { throw LuaFailure("cancelled", error.sentence) }
          throw LuaFailure(LuaFailure.unsafe, error.sentence)
        }
      },
      { stack, backup in
        let session = Session.of(stack)
        session.advance(branch.value, to: backup.attempt.started)
        stack.push(BackupTask(backup), as: session.types.task)
        return 1
      })
  }
}

extension BackupModule {
  static let shapes = [
    APIShape(
      "backup", .module, "The workloads of the run's own Command Center.",
      Workload.builtIn.map { .init($0.name, $0.name, $0.doc) }
        + [.init("[string]", "workload", "one that backup.define has declared")]),
    APIShape(
      "workload", .object, "A kind of backup: it is called with the page's own fields, then our options.",
      [
        .init("name", "string", "what scripts call it"),
        .init("schema", "schema", "its fields"),
      ]),
    APIShape(
      "fields", .arguments,
      "The fields of a workload's page, flat or nested; see cvlua schema for each workload's own.",
      [
        .init("associations?", "table[]", "several targets: the fields of each"),
        .init("extra?", "table", "what the page does not list, by the name of the object that it stands in"),
        .init("[string]", "any", "a field of the page"),
      ]),
    APIShape(
      "backup_level", .values(BackupLevel.allCases.map { ($0.rawValue, "") }),
      "How much a backup copies; each workload knows those of its page."),
  ]

  static var entries: [APIEntry] {
    [
      APIEntry(
        "workload", "(fields: fields, options?: submit_options): task", waits: true,
        """
        Checks the fields against the API's page and submits a backup; gives a task. All mistakes of the \
        fields are raised at once and nothing is sent; what the server says is an outcome of the task. \
        `fields` holds the page's own names, flat or nested. Where a page wants ids, names do as well: the ids are \
        looked up before the submit, and a name that is unknown or not unique raises. Of its options start_within, finish_within, timeout and no_progress are "6h", \
        false for none, or { after = "6h", action = "suspend" } or "kill": when one is reached the outcome is "gave_up" \
        and the job runs on, unless action says otherwise. timeout is 12h where neither script nor profile says. \
        Without on_busy a backup whose level covers what is asked is attached to, and any other waited for.
        """,
        example:
          "local t = backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\", subclientName = \"crm\" }  assert(t:wait().ok)",
        submit),
      APIEntry(
        "workload:with", "(fields: fields, options?: submit_options): workload",
        "The same workload with these fields and options filled in; what a call gives itself comes first.",
        example:
          "local rds = backup.rds:with{ clientName = \"aws-prod\", instanceName = \"eu-west-1\" }  rds{ subclientName = \"crm\" }",
        with),
      APIEntry(
        "workload.payload", "(fields: fields): payload: table",
        "The checked payload as a table, as it would be sent. Sends nothing, so it looks up no ids.",
        example:
          "local p = backup.dynamodb.payload{ clientName = \"a\", instanceName = \"b\", subclientId = 7 }  assert(p.taskInfo.task.taskType == 1)",
        payload),
      APIEntry(
        "workload.encode", "(fields: fields): text: string",
        "The checked payload as JSON, as it would be sent. Sends nothing, so it looks up no ids.",
        example:
          "print(backup.dynamodb.encode{ clientName = \"a\", instanceName = \"b\", subclientId = 7 })",
        encode),
    ]
  }
}
