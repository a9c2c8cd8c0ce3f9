import Clock
import CommandCenterAPI
internal import Dispatch
import LuaVM
import Scripting
internal import Synchronization
import Terminal

/// What a line at the prompt could go on with. Nothing of the script's runs for it, and nothing keeps the key
/// waiting for long.
final class Completer: Sendable {
  /// What only the program knows.
  struct Host: Sendable {
    /// Names of modules that can be required.
    var modules: @Sendable () -> [String] = { [] }
    /// Names of Command Centers.
    var commcells: @Sendable () -> [String] = { [] }
    /// Files that begin so.
    var files: @Sendable (String) -> [String] = { FileNames.beginning(with: $0) }
  }

  private let vm: VM
  private let host: Host
  private let targets: TargetNames
  /// What stands above the line that is typed.
  private let beginning = Mutex("")
  /// For how long a machine that is busy is waited for.
  private static let patience = DispatchTimeInterval.milliseconds(60)

  init(_ vm: VM, _ host: Host, clock: any RunClock) {
    self.vm = vm
    self.host = host
    targets = TargetNames(clock, executor: vm.thread)
  }

  func setBeginning(_ text: String?) { beginning.withLock { $0 = text.map { $0 + "\n" } ?? "" } }

  /// - Parameter line: what stands before the cursor. Called on a thread that may wait.
  func complete(_ line: String) -> Completion {
    let context = CompletionContext(beginning.withLock { $0 } + line)
    let (prefix, words) = words(context)
    return Self.completion(prefix, words)
  }

  // MARK: what there is

  /// A word to choose, and what stands behind it where it is the only one.
  struct Word: Equatable, Sendable {
    var text: String
    var end = ""
  }

  private func words(_ context: CompletionContext) -> (String, [Word]) {
    switch context {
    case .nothing: return ("", [])
    case .command(let prefix): return (prefix, ReplInput.commands.map { Word(text: $0) })
    case .file(let prefix): return (prefix, host.files(prefix).map { Word(text: $0) })
    case .name(let prefix): return (prefix, globals(prefix))
    case .member(let path, let separator, let prefix):
      let members =
        onMachine { Session.members($0, of: path, prefix: prefix).map { Member($0.name, $0.isFunction) } }
        ?? []
      return (prefix, members.filter { separator == "." || $0.isFunction }.map { Word(text: $0.name) })
    case .field(let path, let place, let given, let prefix):
      return (prefix, fields(path, place, given, prefix))
    case .value(let path, let place, let field, let given, let prefix):
      return (prefix, values(path, place, field, given).map { Word(text: $0, end: "\"") })
    case .argument(let path, let prefix):
      let names =
        switch path.last {
        case "require" where path.count == 1: host.modules()
        case "commcell" where path.count == 1: host.commcells()
        case "dofile", "loadfile": host.files(prefix)
        default: [String]()
        }
      return (prefix, names.map { Word(text: $0, end: $0.hasSuffix("/") ? "" : "\"") })
    }
  }

  private struct Member: Sendable {
    var name: String
    var isFunction: Bool
    init(_ name: String, _ isFunction: Bool) { (self.name, self.isFunction) = (name, isFunction) }
  }

  private func globals(_ prefix: String) -> [Word] {
    let names =
      onMachine {
        Session.members($0, of: ["_G"], prefix: prefix).map { Member($0.name, $0.isFunction) }
      } ?? []
    return names.map { Word(text: $0.name) } + LuaTokens.keywords.map { Word(text: $0) }
  }

  private func fields(
    _ path: [String], _ place: CompletionContext.Place, _ given: Set<String>, _ prefix: String
  ) -> [Word] {
    let workload = workload(path)
    var names: [String] = []
    if let workload, place.argument == 0 {
      names = workload.fields.map(\.name)
      names += workload.containers.filter { $0.shape == .associations }.map(\.name)
    } else {
      names = shapes(path, place, isWorkload: workload != nil).flatMap(\.names)
    }
    if names.isEmpty { return globals(prefix) }
    return names.filter { !given.contains($0) }.map { Word(text: $0, end: " = ") }
  }

  private func values(
    _ path: [String], _ place: CompletionContext.Place, _ field: String, _ given: [String: String]
  ) -> [String] {
    let workload = workload(path)
    if let workload, place.argument == 0 {
      let allowed = workload.fields.first { $0.name == field }?.allowed.map(\.name) ?? []
      if !allowed.isEmpty { return allowed }
    } else if let type = shapes(path, place, isWorkload: workload != nil).flatMap(\.fields)
      .first(where: { $0.name == field })?.type
    {
      return APIReference.values(of: type)
    }
    guard let level = Self.levels[field], let center = onMachine({ Session.center($0, at: path) }) ?? nil
    else {
      return []
    }
    return targets.names(level, client: given["clientName"] ?? given["client"], given: given, at: center)
  }

  private static let levels: [String: EntityLevel] = [
    "clientName": .client, "instanceName": .instance, "backupsetName": .backupset,
    "subclientName": .subclient,
    "client": .client, "instance": .instance, "backupset": .backupset, "subclient": .subclient,
  ]

  /// The workload that is called, or one of whose functions is.
  private func workload(_ path: [String]) -> Workload? {
    onMachine { Session.workload($0, at: path) } ?? nil
  }

  /// What a table of named arguments may be that a function takes there.
  private func shapes(
    _ path: [String], _ place: CompletionContext.Place, isWorkload: Bool
  ) -> [APIShape] {
    var name = path.joined(separator: ".")
    if isWorkload {
      let method = path.dropFirst().last ?? ""
      name = ["with", "payload", "encode"].contains(method) ? "workload.\(method)" : "workload"
    } else if path.count > 1, let shape = onMachine({ Session.shape($0, of: path.dropLast()) }) ?? nil {
      name = "\(shape).\(path.last ?? "")"
    }
    return APIReference.argumentShapes(of: name, at: place.argument, below: place.fields)
  }

  /// Asks the machine; nil where it is too busy to answer.
  private func onMachine<Value: Sendable>(_ ask: @escaping @Sendable (Core) -> Value) -> Value? {
    let answer = Answer<Value>()
    vm.mailbox.post { core in answer.give(ask(core)) }
    return answer.wait(Self.patience)
  }

  private final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func give(_ given: Value) {
      value.withLock { $0 = given }
      isThere.signal()
    }

    func wait(_ time: DispatchTimeInterval) -> Value? {
      _ = isThere.wait(timeout: .now() + time)
      return value.withLock { $0 }
    }
  }

  // MARK: what is put in

  /// What `prefix` becomes, of these words.
  static func completion(_ prefix: String, _ words: [Word]) -> Completion {
    var fitting = words.filter { $0.text.hasPrefix(prefix) }
    if fitting.isEmpty {
      let folded = prefix.lowercased()
      fitting = words.filter { $0.text.lowercased().hasPrefix(folded) }
    }
    fitting.sort { $0.text < $1.text }
    var seen: Set<String> = []
    fitting = fitting.filter { seen.insert($0.text).inserted }
    guard let first = fitting.first else { return Completion() }
    // A name of a server's own may hold anything.
    guard fitting.allSatisfy({ $0.text == ErrorOutput.oneLine($0.text) }) else { return Completion() }
    let replaced = prefix.unicodeScalars.count
    if fitting.count == 1 {
      let whole = first.text + first.end
      return Completion(replaced: replaced, inserted: whole, choices: [first.text])
    }
    let common = fitting.dropFirst().reduce(first.text) { $0.commonPrefix(with: $1.text) }
    let choices = fitting.map(\.text)
    return common.count > prefix.count || !common.hasPrefix(prefix)
      ? Completion(replaced: replaced, inserted: common, choices: choices) : Completion(choices: choices)
  }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
