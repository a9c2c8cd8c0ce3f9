import LuaVM

/// `run.read`: a text that stands beside the script.
extension RunModule {
  static var readEntry: APIEntry {
    APIEntry(
      "run.read", "(path: string): string",
      """
      The text of a file in the script's folder, or in that of a library, such as \"holidays.ics\": UTF-8, at most \
      1 MB. No path leads out of the folder. Raises where there is none. A file may change before a run is taken up \
      again: flow.step(\"holidays\", function() return run.read \"holidays.ics\" end) keeps its text.
      """,
      example: "local ok, why = pcall(run.read, \"no-such.ics\")  assert(not ok)", read)
  }

  private static func read(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let path = call.string(1), !path.isEmpty else {
      throw .argument("run.read takes the path of a file, such as \"holidays.ics\", not \(call.quoted(1))")
    }
    let text = try Session.of(call).directory.read(path)
    guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
      throw LuaFailure("file", "run.read: \(path) is no text in UTF-8")
    }
    text.withUnsafeBytes { call.push(bytes: $0) }
    return .values(1)
  }
}
