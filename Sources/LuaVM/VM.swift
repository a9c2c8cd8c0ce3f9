internal import CLua
internal import CLuaShim
internal import Glibc

/// One virtual machine: one Lua state, one actor, one thread.
public actor VM {
  /// What a machine is made with.
  public struct Options: Sendable {
    /// What scripts may reach.
    public enum Profile: Sendable {
      /// Allow-listed globals: scripts cannot reach the shell, files or the host's insides.
      case `operator`
      /// All of stock Lua, C modules too.
      case trusted
    }

    public var profile = Profile.operator
    /// Bytes that Lua may hold; 0 for no limit.
    public var memoryLimit = 0
    /// Seconds since 1970 for `os.time` and `os.date` of the operator profile.
    public var now: (@Sendable () -> Int64)?
    /// Finds the text of a module that a script requires.
    public var findModule: (@Sendable (_ name: String) -> ModuleSearch)?
    /// Called before the first module of a library runs: raises where the library cannot be used.
    public var openLibrary: (@Sendable (_ call: Stack, _ library: String) throws(LuaFailure) -> Void)?
    /// Called with true before an operator script reads standard input, and with false when it has.
    public var reading: (@Sendable (Bool) -> Void)?
    /// Seeds `math.random`; nil leaves it to chance.
    public var randomSeed: Int64?
    /// Taken and given back around all that arrives from other threads; see `Mailbox`.
    public var hold: @Sendable () -> Void = {}
    public var release: @Sendable () -> Void = {}

    public init() {}
  }

  /// What a search for a module gave.
  public enum ModuleSearch: Sendable {
    /// Its text, and the path for messages. The modules of one library share globals of their own, which begin as
    /// what the host gave scripts; those of no library have the script's. (The trusted profile has one set of
    /// globals, as stock Lua.)
    case found([UInt8], path: String, library: String? = nil)
    /// Where it was looked for: one line a place, each beginning with "\n\t".
    case notFound(String)
  }

  /// How a script ended.
  public struct ScriptEnd: Sendable {
    /// Nil where the main chunk returned.
    public var failure: LuaFailure?
    /// What the main chunk returned first, where it is a string, number or boolean; as text.
    public var returned: String?
    /// What `os.exit` asked for.
    public var exitCode: Int32?
  }

  /// A script to run.
  public enum Chunk: Sendable {
    /// Source text (trusted: bytecode too) and the name for messages, with Lua's own prefix `@` or `=`.
    case text([UInt8], name: String)
    /// A file, or standard input where nil, as Lua itself loads it. For the trusted profile.
    case file(String?)
  }

  /// The machine's thread; what shares it happens in one order.
  public nonisolated let thread: ThreadExecutor
  public nonisolated let mailbox: Mailbox
  public nonisolated let options: Options
  let core: Core
  private nonisolated let lastReference: LastReference
  nonisolated let interruption: Interruption

  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  public init(_ options: Options = Options()) {
    self.options = options
    let thread = ThreadExecutor(name: "cvlua.vm")
    self.thread = thread
    mailbox = Mailbox(executor: thread, hold: options.hold, release: options.release)
    core = Core(memoryLimit: options.memoryLimit, mailbox: mailbox)
    lastReference = LastReference(core)
    interruption = Interruption(host: core.host, thread: thread)
    mailbox.setDrain { [weak self] in
      self?.assumeIsolated { $0.mailbox.deliver(to: $0.core) }
    }
    thread.run { [interruption] in interruption.adoptThread() }
  }

  // Not `isolated deinit`: with it, Swift 6.3's optimizer fails on every module that uses this one
  // ("circular reference"). Finalizers run while the state closes: on the machine's thread, as all of Lua.
  deinit {
    thread.run { [lastReference] in lastReference.core.close() }
    thread.end()
  }

  /// Opens the libraries of the profile and whatever `body` adds. Before the first script.
  public func open(_ body: @Sendable (Core) throws(LuaFailure) -> Void = { _ in }) throws(LuaFailure) {
    core.openErrors()
    try core.openLibraries(options)
    try body(core)
    core.keepGlobals()
  }

  /// Does `body` on the machine's thread.
  public func with<Result: Sendable>(_ body: @Sendable (Core) -> Result) -> Result {
    body(core)
  }

  /// Runs a script to its end: until its main chunk and all branches that it started have ended. Called with a
  /// hold on the clock, and returns with one: what still goes on does not run ahead of whoever hears of the end.
  public func run(_ chunk: Chunk, arguments: [String] = []) async -> ScriptEnd {
    guard !core.isClosed else {
      return ScriptEnd(failure: LuaFailure("closed", "the virtual machine is closed"))
    }
    let L = core.L
    if core.branches.isEmpty { core.exitCode = nil }
    // What an earlier script left may be garbage.
    cvl_collect_near_limit(core.host, core.L)
    if let failure = core.load(chunk, options) {
      return ScriptEnd(failure: failure)
    }
    lua_checkstack(L, Int32(arguments.count) + 2)
    for argument in arguments { core.push(argument, on: L) }
    let main = core.makeBranch(from: L, arguments: Int32(arguments.count))
    return await withCheckedContinuation { continuation in begin(main, continuation) }
  }

  /// Runs a branch that `start` starts, and waits until it and all branches that it started have ended. After a
  /// script has ended. Called with a hold on the clock, and returns with one.
  public func run(_ start: @Sendable (Stack) -> Branch) async -> ScriptEnd {
    guard !core.isClosed else {
      return ScriptEnd(failure: LuaFailure("closed", "the virtual machine is closed"))
    }
    if core.branches.isEmpty { core.exitCode = nil }
    return await withCheckedContinuation { continuation in begin(start(core.stack), continuation) }
  }

  /// Lets a new branch begin, and tells how it ended when all branches have. Called with a hold, which it gives
  /// back; when it tells there is one again. Not async: between a branch's making and its first step nothing else may come.
  private func begin(_ main: Branch, _ continuation: CheckedContinuation<ScriptEnd, Never>) {
    var end = ScriptEnd()
    core.whenEnded(main) { core, ended in
      switch ended {
      case .returned(let values):
        end.returned = values.first.flatMap { core.simpleText($0) }
      case .raised(let failure, _):
        // After os.exit only the code counts.
        if core.exitCode == nil { end.failure = failure }
      }
    }
    core.onAllDone.append { [unowned core] in
      end.exitCode = core.exitCode
      self.options.hold()
      continuation.resume(returning: end)
    }
    core.drain()
    options.release()
  }

  /// Closes the state: finalizers run. The machine cannot be used after.
  public func close() {
    core.close()
  }

  /// Interrupts what runs and cancels what waits. From any thread.
  public nonisolated func interrupt(deadline: Bool = false) {
    interruption.send(deadline ? CVL_DEADLINE : CVL_INTERRUPTED)
    // Where code runs, the signal has brought it; else this wakes the machine.
    mailbox.post { core in core.takeUpInterruption() }
  }
}

/// Carries a core to its machine's thread when the machine is gone.
private struct LastReference: @unchecked Sendable {
  // Sendable: it is only looked into on the machine's thread.
  let core: Core

  init(_ core: Core) { self.core = core }
}

/// The way to interrupt a machine from another thread.
final class Interruption: @unchecked Sendable {
  // Sendable: `host` is only handed to C, which sets an atomic of it; it lives as long as the VM.
  private let host: UnsafeMutablePointer<cvl_host>
  private let thread: ThreadExecutor
  private static let signal = SIGUSR2

  init(host: UnsafeMutablePointer<cvl_host>, thread: ThreadExecutor) {
    self.host = host
    self.thread = thread
  }

  func adoptThread() { cvl_adopt_thread(host, Self.signal) }

  func send(_ reason: Int) {
    cvl_send_interruption(host, thread.handle, Self.signal, Int32(reason))
  }
}
