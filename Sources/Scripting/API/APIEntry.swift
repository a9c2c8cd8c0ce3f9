import LuaVM

/// One function or value that scripts see. From this table come registration, `help`, completion, the
/// editor files and the reference pages.
public struct APIEntry {
  /// `flow.map`, `commcell`, `task:wait`, `run.night`
  public let name: String
  /// What it takes and gives; of a value its type.
  public let notation: APINotation
  /// What it does, in a sentence or three.
  public let summary: String
  /// A line or two that run as they stand under `--simulate`.
  public let example: String
  /// It suspends the branch that calls it.
  public let waits: Bool
  /// Nil for a value, and for what is made elsewhere.
  let body: HostFunction.Body?

  /// - Parameter notation: types as LuaLS writes them, `(list: T[], fn: fun(item: T): any, options?: map_options):
  ///   records`; `: night` for a value.
  init(
    _ name: String, _ notation: String, waits: Bool = false, _ summary: String, example: String,
    _ body: HostFunction.Body? = nil
  ) {
    self.name = name
    self.notation = APINotation(text: notation)
    self.summary = summary
    self.example = example
    self.waits = waits
    self.body = body
  }

  /// The last word of its name: `map`, `wait`.
  public var member: String { separator.map { String(name[name.utf8.index(after: $0)...]) } ?? name }

  /// The module or object that it belongs to, `flow` or `task`; nil for a global.
  public var owner: String? { separator.map { String(name[..<$0]) } }

  /// By bytes: each start of the program asks every entry.
  private var separator: String.Index? {
    name.utf8.lastIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
  }

  public var isMethod: Bool { name.contains(":") }
}

extension Array<APIEntry> {
  /// The functions by the last words of their names, as `addMethods` takes them.
  var methods: [(String, HostFunction.Body)] {
    compactMap { entry in entry.body.map { (entry.member, $0) } }
  }
}
