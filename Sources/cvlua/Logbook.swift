import Clock
import CommandCenterAPI
internal import Glibc
import Journal
import LuaVM
import Scripting
import Synchronization
import Workflow

/// What the command line keeps of a run so that it survives: where the journal is, the run's record, the texts
/// that it runs.
final class Logbook: Sendable {
  let ledger: Ledger
  /// The texts of modules as an earlier life of the run used them, by name.
  private let modules: [String: [UInt8]]
  private let known = Mutex<Set<String>>([])
  private let scriptLock: ScriptLock?
  /// What the run's random numbers come from, the same in each of its lives.
  let seed: UInt64

  private init(
    _ ledger: Ledger, seed: UInt64, modules: [String: [UInt8]] = [:], scriptLock: ScriptLock?
  ) {
    self.seed = seed
    self.ledger = ledger
    self.modules = modules
    self.scriptLock = scriptLock
  }

  /// Where the journal is, unless told otherwise.
  static func usualFile() throws(JournalError) -> String {
    try stateFolder() + "/journal.db"
  }

  /// The folder of what outlives a run; made where it is not there.
  static func stateFolder() throws(JournalError) -> String {
    try StateDirectory.path { name in getenv(name).map { String(cString: $0) } }
  }

  /// Writes a new run down.
  ///
  /// - Parameter lock: of its script, which is let go with the run.
  static func begin(
    _ store: any JournalStore, script: Source, request: RunArguments, _ options: RunOptions, night: Night,
    at start: Moment, lock: ScriptLock?
  ) async throws(JournalError) -> Logbook {
    var run = NewRun(script: script, night: night.date, startedAt: start)
    run.arguments = request.arguments
    run.isSimulated = request.simulates
    run.seed = request.simulates ? request.seed : UInt64.random(in: .min ... .max)
    run.options = options.encoded()
    let modules = request.usesCurrent ? [:] : try await texts(of: request.reruns, store)
    run.modules = modules.map { Source(name: $0.key, bytes: $0.value) }
    if request.simulates {
      // The same rehearsal has the same name, in a journal where there is no such run yet.
      var chance = Chance(state: request.seed)
      run.id = RunID(startingAt: start, using: &chance)
      if try await store.runs(RunFilter()).contains(where: { $0.id == run.id }) { run.id = nil }
    }
    let claim = try await store.create(run)
    let answered = request.answered.map { step in
      // Its jobs stay those of the run that submitted them.
      var step = step
      step.jobs = []
      return step
    }
    try await store.write(answered.flatMap(changes), by: claim)
    let ledger = Ledger(store, claim, steps: answered, isSimulated: run.isSimulated)
    return Logbook(ledger, seed: run.seed, modules: modules, scriptLock: lock)
  }

  /// The modules of a run as it used them, and what says which library each belongs to.
  private static func texts(
    of history: RunHistory?, _ store: any JournalStore
  ) async throws(JournalError) -> [String: [UInt8]] {
    var texts: [String: [UInt8]] = [:]
    for (name, hash) in history?.sources ?? [:] where name != history?.run.script {
      texts[name] = try await store.source(hash)
    }
    return texts
  }

  /// What a run used and what is another text now: its script, and modules as `search` finds them. What is gone is
  /// no other text.
  static func changed(_ history: RunHistory, _ search: (String) -> VM.ModuleSearch) -> [String] {
    var changed: [String] = []
    if history.run.script.hasPrefix("/"), case .success(let bytes) = FileContents.read(history.run.script),
      ContentHash.of(bytes) != history.run.scriptHash
    {
      changed.append(history.run.script)
    }
    let modules = history.sources.filter { $0.key != history.run.script && !$0.key.hasPrefix(libraryPrefix) }
    for (name, hash) in modules.sorted(by: { $0.key < $1.key }) {
      if case .found(let bytes, _, _) = search(name), ContentHash.of(bytes) != hash {
        changed.append("module \(name)")
      }
    }
    return changed
  }

  /// A step of an earlier run as one of this.
  private static func changes(_ step: StepRecord) -> [Change] {
    [
      .begin(
        NewStep(
          key: step.key, kind: step.kind, argumentsHash: step.argumentsHash, place: step.place,
          startedAt: step.startedAt, server: step.server)),
      .settle(
        step: step.key, .done, result: step.result, note: step.note, at: step.endedAt ?? step.startedAt),
    ]
  }

  /// Takes a run up again.
  static func resume(
    _ store: any JournalStore, _ history: RunHistory, lock: ScriptLock?, usesCurrent: Bool = false
  ) async throws(JournalError) -> Logbook {
    let claim = try await store.claim(history.run.id)
    let modules = usesCurrent ? [:] : try await texts(of: history, store)
    let ledger = Ledger(store, claim, steps: history.steps, isSimulated: history.run.isSimulated)
    return Logbook(ledger, seed: history.run.seed, modules: modules, scriptLock: lock)
  }

  /// A module as the run knows it, else as it is found now, which is noted.
  func find(_ name: String, _ search: (String) -> VM.ModuleSearch) -> VM.ModuleSearch {
    if let bytes = modules[name] {
      let library = modules[Self.library(of: name)].map { String(decoding: $0, as: UTF8.self) }
      return .found(bytes, path: "[\(ledger.run)]/\(name).lua", library: library)
    }
    let found = search(name)
    if case .found(let bytes, _, let library) = found, known.withLock({ $0.insert(name).inserted }) {
      let ledger = ledger
      var sources = [Source(name: name, bytes: bytes)]
      if let library { sources.append(Source(name: Self.library(of: name), bytes: Array(library.utf8))) }
      let changes = sources.map { Change.source($0) }
      // Whoever submits afterwards waits for its own write, which comes after this one.
      Task { _ = try? await ledger.store.write(changes, by: ledger.claim) }
    }
    return found
  }

  /// Whether the run has modules of that library from an earlier life: it was good enough then.
  func hasUsed(_ library: String) -> Bool {
    let bytes = Array(library.utf8)
    return modules.contains { $0.key.hasPrefix(Self.libraryPrefix) && $0.value == bytes }
  }

  /// The name of the source that says which library a module belongs to; no module has such a name.
  private static func library(of module: String) -> String { libraryPrefix + module }
  private static let libraryPrefix = "library of "

  /// The run has come to its end, or to where somebody has to go on with it.
  ///
  /// - Parameter messages: what is to be told of it: on disk together with its end.
  /// - Returns: whether it is on disk.
  func end(
    _ state: RunState, exitCode: Int32, at moment: Moment, _ messages: [Change] = []
  ) async -> Bool {
    do throws(JournalError) {
      try await ledger.store.write(
        messages + [.run(state, exitCode: Int(exitCode), at: moment)], by: ledger.claim)
      return true
    } catch {
      return false
    }
  }

  /// Lets others have the run.
  func close() async {
    await ledger.store.close()
    ledger.claim.release()
    scriptLock?.release()
  }
}

/// What a resume wants back of a command line, besides the script and its arguments.
struct RunOptions {
  /// What runs before the script.
  enum Prelude: Hashable {
    /// `-e`
    case code(String)
    /// `-l`
    case module(String)
  }

  /// The run's own profile, whether the command line, the environment or the configuration says so.
  var profile: String?
  var configurationFile: String?
  var isTrusted = false
  var inventoryFile: String?
  var stateFile: String?
  var faults = ""
  var rules = RunRules()
  var exitMap: [Int32: Int32] = [:]
  /// `--var`
  var variables: [String: String] = [:]
  /// `--library`
  var libraries: [String] = []
  var preludes: [Prelude] = []

  /// - Parameter profile: the run's own.
  init(_ request: RunArguments, _ steps: [RunArguments.Step], profile own: String?) {
    // One that only the environment describes cannot be named.
    profile = request.profile ?? (own == Profiles.ofEnvironment ? nil : own)
    switch steps.last {
    case .file, .source:
      preludes = steps.compactMap { step in
        switch step {
        case .code(let code): .code(code)
        case .module(let module): .module(module)
        case .file, .source: nil
        }
      }
    // All of it is the script.
    case .code, .module, nil: break
    }
    configurationFile = request.configurationFile.map(Self.absolute)
    isTrusted = request.isTrusted
    inventoryFile = request.inventoryFile.map(Self.absolute)
    stateFile = request.stateFile.map(Self.absolute)
    faults = request.faultsText
    rules = request.rules
    exitMap = request.exitMap
    variables = request.variables
    libraries = request.libraries.map(Self.absolute)
  }

  init(_ bytes: [UInt8]) {
    let json = try? JSONValue(parsing: bytes)
    profile = json?["profile"]?.string
    configurationFile = json?["config"]?.string
    isTrusted = json?["trusted"]?.bool ?? false
    inventoryFile = json?["inventory"]?.string
    stateFile = json?["state"]?.string
    faults = json?["faults"]?.string ?? ""
    rules.maxSubmits = (json?["max_submits"]?.int64).map { Int($0) }
    rules.submitsLate = json?["submit_late"]?.bool ?? false
    for member in json?["exit_map"]?.members ?? [] {
      if let from = Int32(member.name), let to = member.value.int64 { exitMap[from] = Int32(clamping: to) }
    }
    preludes = (json?["before"]?.array ?? []).compactMap { step in
      step["code"]?.string.map(Prelude.code) ?? step["module"]?.string.map(Prelude.module)
    }
    libraries = json?["libraries"]?.array?.compactMap(\.string) ?? []
    for member in json?["variables"]?.members ?? [] { variables[member.name] = member.value.string }
  }

  func encoded() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    if let profile { json.member("profile", profile) }
    if let configurationFile { json.member("config", configurationFile) }
    json.member("trusted", isTrusted)
    if let inventoryFile { json.member("inventory", inventoryFile) }
    if let stateFile { json.member("state", stateFile) }
    if !faults.isEmpty { json.member("faults", faults) }
    if let most = rules.maxSubmits { json.member("max_submits", Int64(most)) }
    if rules.submitsLate { json.member("submit_late", true) }
    if !exitMap.isEmpty {
      json.key("exit_map")
      json.beginObject()
      for (from, to) in exitMap.sorted(by: { $0.key < $1.key }) { json.member(String(from), Int64(to)) }
      json.endObject()
    }
    if !preludes.isEmpty {
      json.key("before")
      json.beginArray()
      for prelude in preludes {
        json.beginObject()
        switch prelude {
        case .code(let code): json.member("code", code)
        case .module(let module): json.member("module", module)
        }
        json.endObject()
      }
      json.endArray()
    }
    if !libraries.isEmpty {
      json.key("libraries")
      json.beginArray()
      for library in libraries { json.string(library) }
      json.endArray()
    }
    if !variables.isEmpty {
      json.key("variables")
      json.beginObject()
      for (name, value) in variables.sorted(by: { $0.key < $1.key }) { json.member(name, value) }
      json.endObject()
    }
    json.endObject()
    return json.bytes
  }

  /// What tells the work of a run from that of another run of the same script: two that have the same are not done
  /// at once, and one takes up the other.
  func work(_ arguments: [String]) -> String {
    var work = RunOptions([UInt8]())
    work.profile = profile
    work.configurationFile = configurationFile
    work.variables = variables
    work.preludes = preludes
    return (arguments + [String(decoding: work.encoded(), as: UTF8.self)]).joined(separator: "\0")
  }

  /// A resume may come from another folder.
  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}
