import CommandCenterAPI
import LuaVM
import Workflow

/// `log`: words of the script for the people who read the run's log. They go to standard error.
enum LogModule {
  static var entries: [APIEntry] {
    [
      APIEntry(
        "log", "(message: any, fields?: table<string, any>)",
        "Logs a line of level info, with the names and values of `fields`. Logs go to standard error.",
        example: "log(\"tables listed\", { count = 3 })")
    ] + levels
  }

  static let shapes = [APIShape("log", .module, "Words for the people who read the run's log.")]

  private static var levels: [APIEntry] {
    LogLine.Level.allCases.map { level in
      APIEntry(
        "log.\(level.rawValue)", "(message: any, fields?: table<string, any>)",
        "Logs a line of level \(level.rawValue), with the names and values of `fields`.",
        example: "log.\(level.rawValue)(\"tables listed\", { count = 3 })"
      ) { call throws(LuaFailure) in
        try write(call, level, from: 1)
        return .none
      }
    }
  }

  /// `log(…)` is `log.info(…)`.
  static func makeCallable(_ session: Session) {
    let stack = session.core.stack
    stack.pushGlobal("log")
    stack.pushTable(fields: 1)
    stack.addMetamethod("__call") { call throws(LuaFailure) in
      try write(call, .info, from: 2)
      return .none
    }
    stack.setMetatable(of: -2)
    stack.pop()
  }

  /// The value on top of the stack; a plain table by what it holds.
  private static func shown(_ call: Stack) -> String {
    guard LuaJSON.isPlain(call, -1) else { return call.shown(-1) }
    var json = JSONWriter()
    do throws(LuaJSON.Refusal) { try LuaJSON.write(call, -1, to: &json) } catch { return call.shown(-1) }
    return json.text
  }

  private static func write(_ call: Stack, _ level: LogLine.Level, from index: Int) throws(LuaFailure) {
    var fields: [(String, String)] = []
    if !call.isNothing(index + 1) {
      try call.requireTable(index + 1, "log: the fields")
      call.forEach(index + 1) { fields.append((call.shown(-2), shown(call))) }
    }
    let message = call.type(index) == .none ? "" : call.shown(index)
    Session.of(call).run.log(LogLine(level: level, message: message, fields: fields.sorted { $0.0 < $1.0 }))
  }
}
