import Clock
public import CommandCenter
import CommandCenterAPI
public import LuaVM
public import Workflow

/// Finds the Command Centers that a script may talk to.
public struct CommcellDirectory: Sendable {
  /// The Command Center of that name, or the run's own where nil; raises where there is none.
  public let find: @Sendable (String?) throws(LuaFailure) -> CommandCenter

  public init(_ find: @escaping @Sendable (String?) throws(LuaFailure) -> CommandCenter) {
    self.find = find
  }
}

/// What a script's functions share: the machine, the run, the clock. It lives on the machine's thread.
public final class Session {
  let core: Core
  let run: Run
  let directory: CommcellDirectory
  let executor: any TaskExecutor
  /// Everything that scripts see, in the order of the reference.
  public private(set) var entries: [APIEntry] = []

  var clock: any RunClock { run.clock }
  let types: ObjectTypes
  let records: RecordTypes
  let arrayMetatable: LuaReference
  let workloadFunctions: BackupModule.Functions
  let defineFunction: HostFunctionNumber
  /// The workloads: the built-in ones, then those that the script has declared.
  var kinds: [WorkloadKind]
  private var centers: [String: CommandCenter] = [:]
  /// What the script asked of a Command Center, where there is none: the run is over.
  private var lackedCommcell: LuaFailure?
  /// Branches that ended badly and that nobody has joined so far.
  var unjoined: [Int: LuaFailure] = [:]

  /// Adds the Lua API to a machine.
  ///
  /// - Parameter executor: where what a script waits for runs; a simulated run's own thread, so that
  ///   everything happens in one order.
  public init(core: Core, run: Run, directory: CommcellDirectory, executor: any TaskExecutor) {
    self.core = core
    self.run = run
    self.directory = directory
    self.executor = executor
    types = ObjectTypes(core)
    records = RecordTypes(core)
    arrayMetatable = JSONModule.makeArrayMetatable(core)
    workloadFunctions = BackupModule.makeFunctions(core)
    defineFunction = core.register("backup.define", DefineFunction.define)
    kinds = Workload.builtIn.map { WorkloadKind($0, in: core) }
    core.attachment = self
    core.onLostFailure = { [unowned self] branch, failure in lost(branch, failure) }
    install(FlowModule.entries(self), as: "flow")
    install(RunModule.entries(self), as: "run")
    RunModule.addNight(self)
    install(LogModule.entries(self), as: "log")
    LogModule.makeCallable(self)
    install(JSONModule.entries(self), as: "json")
    JSONModule.addNull(self)
    install(CommcellModule.entries(self), as: nil)
    BackupModule.install(self)
    describe([DefineFunction.entry])
    describe(BackupTask.entries)
    describe(JobHandle.entries)
  }

  /// The session of the machine that `stack` belongs to.
  static func of(_ stack: Stack) -> Session {
    // Set in init, before any function of the session can be called.
    unsafeDowncast(stack.core.attachment!, to: Session.self)
  }

  func knowsWorkload(_ name: String) -> Bool { kinds.contains { $0.workload.name == name } }

  /// Tells of branches that raised and were joined by nobody. When the script has ended.
  func reportUnjoined() {
    for (_, failure) in unjoined.sorted(by: { $0.key < $1.key }) {
      run.branchFailed(BranchFailure(failure))
    }
    unjoined = [:]
  }

  /// The same, for a machine with a session.
  public static func reportUnjoined(_ core: Core) { of(core.stack).reportUnjoined() }

  private func lost(_ branch: Branch, _ failure: LuaFailure) {
    if !failure.isEndFromOutside { run.branchFailed(BranchFailure(failure)) }
  }

  /// Makes functions known: as members of a new global table, or as globals.
  private func install(_ new: [APIEntry], as module: String?) {
    entries += new
    let stack = core.stack
    if module != nil { stack.pushTable(fields: new.count) }
    for entry in new {
      let member = entry.name.split(separator: ".").last.map(String.init) ?? entry.name
      let function = core.register(entry.name, entry.body)
      if module == nil {
        core.setGlobal(member, function)
      } else {
        stack.push(function)
        stack.set(-2, member)
      }
    }
    if let module { core.setGlobal(module) }
  }

  /// Notes entries whose functions are registered elsewhere: methods of objects.
  func describe(_ new: [APIEntry]) { entries += new }

  /// The Command Center of that name; found at its first use. Where there is none at all the script ends,
  /// past every pcall: a night without a Command Center has no other branches worth trying.
  func center(_ name: String?, _ call: Stack) throws(LuaFailure) -> CommandCenter {
    let key = name ?? ""
    if let known = centers[key] { return known }
    do throws(LuaFailure) {
      let found = try directory.find(name)
      centers[key] = found
      return found
    } catch {
      guard error.kind == LuaFailure.noCommcell else { throw error }
      var failure = error
      failure.place = call.place
      if lackedCommcell == nil { lackedCommcell = failure }
      core.exit(Self.usageError, closes: true)
      throw LuaFailure("exit", failure.message)
    }
  }

  private static let usageError: Int32 = 64

  /// The sentence that tells that the script needed a Command Center where there is none; nil where it did not.
  public static func lackedCommcell(_ core: Core) -> String? { of(core.stack).lackedCommcell?.sentence }

  /// Suspends the branch that calls until `operation` is done, and gives it what `push` pushes of the result.
  func wait<Value: Sendable>(
    _ call: Stack, _ operation: @escaping @Sendable () async throws(LuaFailure) -> Value,
    _ push: @escaping @Sendable (Stack, Value) -> Int
  ) throws(LuaFailure) -> Reply {
    let (ticket, reply) = try core.suspend(call, isExternal: true)
    let clock = clock
    clock.hold()
    Task(executorPreference: executor) {
      do throws(LuaFailure) {
        let value = try await operation()
        ticket.resolve { push($0, value) }
      } catch {
        ticket.fail(error)
      }
      clock.release()
    }
    return reply
  }

  /// The name of a branch's part of a script for messages: `flow.map` of an item.
  func duration(_ call: Stack, _ index: Int, _ what: String) throws(LuaFailure) -> Duration {
    if let seconds = call.number(index), seconds >= 0, seconds < 9e9 {
      return .nanoseconds(Int64(seconds * 1e9))
    }
    if let text = call.string(index), let duration = DurationText.parse(text) { return duration }
    throw .argument(
      "\(what) must be a duration such as \"90s\", \"15m\" or \"6h\", or a number of seconds, not \(call.quoted(index))"
    )
  }
}

extension LuaFailure {
  /// The kind of a failure to find any Command Center.
  public static let noCommcell = "no_commcell"

  /// The branch did not fail by itself: it was cancelled or interrupted, or the script ended.
  var isEndFromOutside: Bool { ["cancelled", "interrupted", "exit"].contains(kind) }
}

extension BranchFailure {
  init(_ failure: LuaFailure) {
    self.init(sentence: failure.sentence, traceback: failure.traceback)
  }
}

extension Stack {
  /// The value for a message: strings in quotes, tables and functions by their type.
  func quoted(_ index: Int) -> String {
    switch type(index) {
    case .string:
      let text = string(index) ?? ""
      return "\"\(text.count > 60 ? text.prefix(57) + "…" : text[...])\""
    case .number, .boolean: return shown(index)
    case .none: return "nothing"
    case .null: return "nil"
    default: return isNull(index) ? "json.null" : "a \(type(index).name)"
    }
  }

  /// A list's or an options table's length of arguments: raises where argument `index` is no table.
  func requireTable(_ index: Int, _ what: String) throws(LuaFailure) {
    guard type(index) == .table else { throw .argument("\(what) must be a table, not \(quoted(index))") }
  }

  func requireFunction(_ index: Int, _ what: String) throws(LuaFailure) {
    guard type(index) == .function else {
      throw .argument("\(what) must be a function, not \(quoted(index))")
    }
  }
}
