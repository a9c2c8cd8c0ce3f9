public import CommandCenter
public import CommandCenterAPI
public import LuaVM

/// A session at the prompt: what would end a run ends a line there, and names can be asked for.
extension Session {
  /// From now on nothing but `os.exit` ends the session, and a branch that raises is told of at once.
  public static func becomeInteractive(_ core: Core) { of(core.stack).isInteractive = true }

  /// The names that can stand behind what `path` names and begin with `prefix`, whatever its case; and whether each
  /// is a function. By raw access: nothing of the script's runs.
  public static func members(
    _ core: Core, of path: [String], prefix: String = ""
  ) -> [(name: String, isFunction: Bool)] {
    let prefix = Array(prefix.utf8)
    let stack = core.stack
    let level = stack.top
    defer { stack.pop(stack.top - level) }
    guard push(path, stack) else { return [] }
    let members: [(String, Bool)]
    switch stack.type(-1) {
    case .table: members = keys(stack, stack.top, prefix, 0)
    case .string:
      stack.pushGlobal("string")
      members = stack.type(-1) == .table ? keys(stack, stack.top, prefix, 0) : []
    case .userdata:
      let owner = shapeName(stack) ?? ""
      let functions = Set(APIReference.entries.filter { $0.owner == owner }.map(\.member))
      members = APIReference.members(of: owner).map { ($0, functions.contains($0)) }
    default: members = []
    }
    return members.map { (name: $0.0, isFunction: $0.1) }
  }

  /// The workload that `path` names, or one of its functions.
  public static func workload(_ core: Core, at path: [String]) -> Workload? {
    let stack = core.stack
    let level = stack.top
    defer { stack.pop(stack.top - level) }
    var path = path
    if path.count > 1, ["with", "payload", "encode"].contains(path.last) { path.removeLast() }
    guard push(path, stack) else { return nil }
    return stack.object(-1, as: of(stack).types.workload)?.kind.workload
  }

  /// The kind of value that `path` names, as the reference calls it: `task`, `commcell`.
  public static func shape(_ core: Core, of path: [String]) -> String? {
    let stack = core.stack
    let level = stack.top
    defer { stack.pop(stack.top - level) }
    guard push(path, stack), stack.type(-1) == .userdata else { return nil }
    return shapeName(stack)
  }

  /// The Command Center that `path` belongs to, as far as it has been used.
  public static func center(_ core: Core, at path: [String]) -> CommandCenter? {
    let stack = core.stack
    let level = stack.top
    defer { stack.pop(stack.top - level) }
    var name: String?
    let session = of(stack)
    if push(path, stack), let function = stack.object(-1, as: session.types.workload) {
      name = function.commcell
    }
    return try? session.directory.find(name)
  }

  // MARK: by raw access

  /// Pushes what the names lead to; false where they lead nowhere.
  private static func push(_ path: [String], _ stack: Stack) -> Bool {
    guard let first = path.first, stack.ensure(path.count * 3 + 8) else { return false }
    stack.pushGlobal(first)
    for name in path.dropFirst() {
      switch stack.type(-1) {
      case .table:
        if stack.get(stack.top, name) == .null, stack.pushMetatable(-2) {
          if stack.get(stack.top, "__index") == .table { stack.get(stack.top, name) }
        }
      case .userdata:
        guard name == "backup", let commcell = stack.object(-1, as: of(stack).types.commcell) else {
          return false
        }
        commcell.pushBackup(stack)
      default: return false
      }
    }
    return !stack.isNothing(-1)
  }

  /// The names in a table, and in those that stand behind it.
  private static func keys(
    _ stack: Stack, _ table: Int, _ prefix: [UInt8], _ depth: Int
  ) -> [(String, Bool)] {
    var found: [(String, Bool)] = []
    stack.forEach(table) {
      guard found.count < 5000, stack.type(-2) == .string, let bytes = stack.bytes(-2),
        bytes.count >= prefix.count, zip(bytes, prefix).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 | 0x20 }),
        let name = stack.string(-2)
      else { return }
      found.append((name, stack.type(-1) == .function))
    }
    if depth < 3, stack.ensure(8), stack.pushMetatable(table) {
      let isTable = stack.get(stack.top, "__index") == .table
      if isTable { found += keys(stack, stack.top, prefix, depth + 1) }
      stack.pop(2)
    }
    return found
  }

  private static func shapeName(_ stack: Stack) -> String? {
    guard stack.pushMetatable(-1) else { return nil }
    stack.get(stack.top, "__name")
    let name = stack.string(-1)
    stack.pop(2)
    return name
  }
}
