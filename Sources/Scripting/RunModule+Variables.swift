import CommandCenterAPI
import LuaVM

/// `run.var`: what the command line gives a script by `--var NAME=VALUE`.
extension RunModule {
  static var variableEntry: APIEntry {
    APIEntry(
      "run.var", "(name: string, default?: any): text: any",
      """
      What --var NAME=VALUE gave on the command line, as a string. An unknown name raises; run.var(name, default) \
      gives the default in its place.
      """,
      example: "local level = run.var(\"level\", \"INCREMENTAL\")  assert(level == \"INCREMENTAL\")",
      orDefault)
  }

  /// Adds the table of the variables to `run`.
  static func addVariables(_ session: Session) {
    let stack = session.core.stack
    stack.pushGlobal("run")
    stack.pushTable(fields: session.variables.count)
    for (name, value) in session.variables {
      stack.push(value)
      stack.set(-2, name)
    }
    stack.pushTable(fields: 4)
    // Both are called with the table in front.
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      throw missing(call.string(2) ?? call.shown(2), Session.of(call).variables.keys.sorted())
    }
    stack.addMetamethod("__call") { call throws(LuaFailure) in try orDefault(call) }
    for name in ["__name", "__metatable"] {
      stack.push("run.var")
      stack.set(-2, name)
    }
    stack.setMetatable(of: -2)
    stack.set(-2, "var")
    stack.pop()
  }

  private static func orDefault(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let name = call.string(2) else {
      throw .argument(
        "run.var takes a name and a default, as in run.var(\"level\", \"FULL\"), not \(call.quoted(2))")
    }
    let variables = Session.of(call).variables
    if let value = variables[name] {
      call.push(value)
    } else if call.count >= 3 {
      call.copy(3)
    } else {
      throw missing(name, variables.keys.sorted())
    }
    return .values(1)
  }

  private static func missing(_ name: String, _ names: [String]) -> LuaFailure {
    if let meant = didYouMean(name, among: names) {
      return .argument("run.var has no \(name); did you mean \(meant)?")
    }
    let there = names.isEmpty ? "" : "; there is \(names.joined(separator: ", "))"
    return .argument(
      "run.var has no \(name)\(there); give it as --var \(name)=VALUE, or a default as in run.var(\"\(name)\", \"…\")"
    )
  }
}
