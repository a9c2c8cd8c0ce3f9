import Clock
public import CommandCenter
import CommandCenterAPI
public import LuaVM
public import Workflow

/// The Command Centers that a script may talk to, and what it may do there.
public struct CommcellDirectory: Sendable {
  /// The Command Center of that name, or the run's own where nil; raises where there is none.
  public let find: @Sendable (String?) throws(LuaFailure) -> CommandCenter
  /// Returns when something may be submitted or changed there. Called with a hold on the clock; raises
  /// `noCommcell` where it may not, which ends the script.
  public let permit: @Sendable (CommandCenter) async throws(LuaFailure) -> Void
  /// The secret of that name; raises where there is none.
  public let secret: @Sendable (String) throws(LuaFailure) -> SecretSource
  /// Has somebody told JSON at the address that is the secret of that name (nil for a mail, which says its own); returns when it is certain that he
  /// will be. Called with a hold on the clock.
  public let tell: @Sendable (String?, Letter.Form, [UInt8]) async throws(LuaFailure) -> Void
  /// The bytes of a file that stands beside the script; raises where it cannot be had.
  public let read: @Sendable (String) throws(LuaFailure) -> [UInt8]

  public init(
    _ find: @escaping @Sendable (String?) throws(LuaFailure) -> CommandCenter,
    permit: @escaping @Sendable (CommandCenter) async throws(LuaFailure) -> Void = { _ in },
    secret: @escaping @Sendable (String) throws(LuaFailure) -> SecretSource = { .environment($0) },
    tell: @escaping @Sendable (String?, Letter.Form, [UInt8]) async throws(LuaFailure) -> Void = { _, _, _ in
    },
    read: @escaping @Sendable (String) throws(LuaFailure) -> [UInt8] = { path throws(LuaFailure) in
      throw LuaFailure("file", "run.read: there is no file \(path)")
    }
  ) {
    self.find = find
    self.permit = permit
    self.secret = secret
    self.tell = tell
    self.read = read
  }
}

/// What a script's functions share: the machine, the run, the clock. It lives on the machine's thread.
public final class Session {
  let core: Core
  let run: Run
  let directory: CommcellDirectory
  let executor: any TaskExecutor

  var clock: any RunClock { run.clock }
  let types: ObjectTypes
  let records: RecordTypes
  let arrayMetatable: LuaReference
  let entityMetatable: LuaReference
  let workloadFunctions: BackupModule.Functions
  let defineFunction: HostFunctionNumber
  /// The workloads: the built-in ones, then those that the script has declared.
  var kinds: [WorkloadKind]
  private var centers: [String: CommandCenter] = [:]
  /// Why the run is over before the script's own end.
  private var stopped: LuaFailure?
  /// Names of `flow.step` so far.
  var stepNames: Set<String> = []
  /// Branches that ended badly and that nobody has joined so far.
  var unjoined: [Int: LuaFailure] = [:]
  /// What the command line gave by `--var`.
  let variables: [String: String]
  /// By how much the main chunk's time was behind where a run was taken up again; nil in its first life.
  var firstLag: Duration?
  /// What `run.recall` gave, and what a run without a journal remembers.
  var recalled: [String: [UInt8]?] = [:]
  var recalls: [String: Task<Result<[UInt8]?, RunStop>, Never>] = [:]
  var remembered: [String: [UInt8]] = [:]
  /// How many mails the script has had told.
  var mails = 0
  /// Time zones that were asked for.
  var zones: [String: Zone] = [:]
  /// Somebody types its lines: what would end a run ends a line only.
  var isInteractive = false
  /// What `run.on_attention` was given.
  var attentionHandler: LuaReference?

  /// Adds the Lua API to a machine.
  ///
  /// - Parameters:
  ///   - executor: where what a script waits for runs; a simulated run's own thread, so that everything
  ///     happens in one order.
  ///   - variables: `run.var`.
  public init(
    core: Core, run: Run, directory: CommcellDirectory, executor: any TaskExecutor,
    variables: [String: String] = [:]
  ) {
    self.variables = variables
    self.core = core
    self.run = run
    self.directory = directory
    self.executor = executor
    types = ObjectTypes(core)
    records = RecordTypes(core)
    arrayMetatable = JSONModule.makeArrayMetatable(core)
    entityMetatable = EntityTable.makeMetatable(core)
    workloadFunctions = BackupModule.makeFunctions(core)
    defineFunction = core.register("backup.define", DefineFunction.define)
    kinds = Workload.builtIn.map { WorkloadKind($0, in: core) }
    core.attachment = self
    core.onLostFailure = { [unowned self] branch, failure in lost(branch, failure) }
    install(FlowModule.entries + [StepFunction.entry, RetryFunction.entry], as: "flow")
    // The texts are ours.
    try? StepFunction.install(self)
    try? RetryFunction.install(self)
    install(RunModule.entries, as: "run")
    RunModule.addNight(self)
    RunModule.addVariables(self)
    install(LogModule.entries, as: "log")
    LogModule.makeCallable(self)
    install(JSONModule.entries, as: "json")
    JSONModule.addNull(self)
    install(CommcellModule.entries + SecretModule.entries + [PoolModule.entry], as: nil)
    BackupModule.install(self)
    keepTime()
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
    let stack = core.stack
    if module != nil { stack.pushTable(fields: new.count) }
    for entry in new {
      // What has none is made in another way.
      guard let body = entry.body else { continue }
      let function = core.register(entry.name, body)
      if module == nil {
        core.setGlobal(entry.name, function)
      } else {
        stack.push(function)
        stack.set(-2, entry.member)
      }
    }
    if let module { core.setGlobal(module) }
  }

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
      guard error.stopsRun, !isInteractive else { throw error }
      stop(error, call)
      throw LuaFailure("exit", error.message)
    }
  }

  /// Ends the script, past every pcall.
  private func stop(_ failure: LuaFailure, _ call: Stack) {
    var failure = failure
    failure.place = call.place
    if stopped == nil { stopped = failure }
    core.exit(Self.usageError, closes: true)
  }

  private static let usageError: Int32 = 64

  /// Why the run was stopped from within, past the script: there is no Command Center, or going on could double
  /// a backup. Nil where it was not.
  public static func stopped(_ core: Core) -> LuaFailure? { of(core.stack).stopped }

  /// Suspends the branch that calls until `operation` is done, and gives it what `push` pushes of the result.
  ///
  /// - Parameter onCancel: called where the branch is cancelled meanwhile; `operation` goes on all the same.
  func wait<Value: Sendable>(
    _ call: Stack, onCancel: (() -> Void)? = nil,
    _ operation: @escaping @Sendable () async throws(LuaFailure) -> Value,
    _ push: @escaping @Sendable (Stack, Value) -> Int
  ) throws(LuaFailure) -> Reply {
    let (ticket, reply) = try core.suspend(call, isExternal: true) { _ in onCancel?() }
    let clock = clock
    clock.hold()
    Task(executorPreference: executor) {
      do throws(LuaFailure) {
        let value = try await operation()
        ticket.resolve { push($0, value) }
      } catch {
        Session.fail(ticket, error)
      }
      clock.release()
    }
    return reply
  }

  /// Ends a wait by what went wrong; from any thread.
  static func fail(_ ticket: Ticket, _ error: LuaFailure) {
    guard error.stopsRun else { return ticket.fail(error) }
    ticket.mailbox.post { core in
      if of(core.stack).isInteractive { return core.resume(ticket, failing: error) }
      // The branch goes on to the next instruction, where the end of the script meets it.
      core.resume(ticket) { stack in
        Session.of(stack).stop(error, stack)
        return 0
      }
    }
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
  /// The kind of a failure to find any Command Center, or to be allowed to do something there.
  public static let noCommcell = "no_commcell"
  /// The kind of a failure after which nothing more may be submitted until somebody has looked.
  public static let unsafe = "unsafe"

  /// It ends the whole script.
  var stopsRun: Bool { kind == Self.noCommcell || kind == Self.unsafe }

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
