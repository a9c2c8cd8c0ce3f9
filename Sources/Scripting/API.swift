import LuaVM

/// One function or value that scripts see. From this table come registration, `help`, completion, the
/// editor files and the reference pages.
public struct APIEntry {
  /// `flow.map`, `commcell`, `task:wait`
  public let name: String
  /// `flow.map(list, fn [, options]) -> records`
  public let signature: String
  /// What it does, in a sentence or three.
  public let summary: String
  /// A line or two that run as they stand under `--simulate`.
  public let example: String
  /// It suspends the branch that calls it.
  public let waits: Bool
  let body: HostFunction.Body

  init(
    _ name: String, _ signature: String, waits: Bool = false, _ summary: String, example: String,
    _ body: @escaping HostFunction.Body
  ) {
    self.name = name
    self.signature = signature
    self.summary = summary
    self.example = example
    self.waits = waits
    self.body = body
  }
}
