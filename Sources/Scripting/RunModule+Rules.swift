import CommandCenterAPI
import LuaVM
import Workflow

/// What a script says of its own run: when it may submit, what it should reach, what its submits are called.
extension RunModule {
  // MARK: window

  static var windowEntry: APIEntry {
    APIEntry(
      "run.window",
      "(window: window)",
      """
      Says when this run may submit. Times are such as "05:00" and belong to the run's night, noon to noon, in \
      `zone` (such as "Europe/Berlin"; else the machine's). Before first_start a submit waits; after last_start \
      its outcome is "skipped". `blackout` is a list of times of no submits, { "01:00", "01:30" }, and of nights, \
      "2026-12-24" or { "2026-12-24", "2027-01-01" }. still_queued = "kill" kills this run's jobs that have not \
      begun at last_start; else they are left.
      """,
      example:
        "run.window{ last_start = \"05:00\", zone = \"Europe/Berlin\", blackout = { { \"01:00\", \"01:30\" } } }",
      setWindow)
  }

  static let windowShape = APIShape(
    "window", .arguments, "When a run may submit.",
    [
      .init("last_start?", "string", "the last time of the night at which it submits, such as \"05:00\""),
      .init("first_start?", "string", "the first one: before it a submit waits"),
      .init("zone?", "string", "the time zone that these belong to, such as \"Europe/Berlin\""),
      .init("still_queued?", "still_queued", "what becomes of jobs that have not begun at last_start"),
      .init("blackout?", "(string|string[])[]", "hours, nights, and spans of nights without submits"),
    ])

  static let ruleShapes = [
    windowShape,
    APIShape(
      "still_queued", .values(Window.StillQueued.allCases.map { ($0.rawValue, $0.meaning) }),
      "What becomes of this run's jobs that have not begun at last_start."),
    expectationShape,
  ]

  private static func setWindow(_ call: Stack) throws(LuaFailure) -> Reply {
    guard call.type(1) == .table else {
      throw .argument("run.window takes a table such as { last_start = \"05:00\" }, not \(call.quoted(1))")
    }
    var json = JSONWriter()
    do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 1, to: &json) } catch {
      throw .argument("run.window: \(error.sentence)")
    }
    let window: Window
    do throws(WindowMistake) { window = try Window(json: json.bytes) } catch {
      throw .argument("run.window: \(error.sentence)")
    }
    try StepScope.refuse(call, "run.window")
    guard Session.of(call).run.set(window) else {
      throw .argument("run.window: the run has another window already, and a run has one")
    }
    return .none
  }

  // MARK: expect

  static var expectEntry: APIEntry {
    APIEntry(
      "run.expect", "(expectation: expectation)",
      """
      Says how many targets this run should reach at least, good or not. Where there are fewer, or none, the exit \
      code is 2 or worse, and that needs a human.
      """,
      example: "run.expect{ targets = 6 }", expect)
  }

  static let expectationShape = APIShape(
    "expectation", .arguments, "What a run should reach.",
    [.init("targets", "integer", "so many targets at least")])

  private static func expect(_ call: Stack) throws(LuaFailure) -> Reply {
    try StepScope.refuse(call, "run.expect")
    let arguments = try NamedArguments(call, 1, "run.expect", expectationShape.names)
    guard let targets = try arguments.count("targets") else {
      throw .argument("run.expect: say how many targets, as in run.expect{ targets = 6 }")
    }
    guard Session.of(call).run.expect(Expectation(targets: Int(targets))) else {
      throw .argument("run.expect: the run expects something else already")
    }
    return .none
  }

  // MARK: key

  static var keyEntry: APIEntry {
    APIEntry(
      "run.key", "(name: string)",
      """
      Gives the next submit of this branch a key of the script's own, by which a resumed run knows it again; \
      else its key is made of workload, target, level and a count.
      """,
      example:
        "run.key \"orders, before the migration\"  backup.rds{ clientName = \"a\", instanceName = \"b\", subclientName = \"orders\" }",
      setKey)
  }

  /// What a branch keeps for its next submit.
  private final class Key {
    let name: String
    init(_ name: String) { self.name = name }
  }

  private static let keyNote = ObjectIdentifier(Key.self)

  private static func setKey(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let name = call.string(1), !name.isEmpty, name.utf8.count <= 200,
      !name.utf8.contains(where: { $0 < 32 || $0 == 127 })
    else {
      // Quoting a long one, or one of several lines, would say no more.
      let given = call.type(1) == .string ? "" : ", not \(call.quoted(1))"
      throw .argument("run.key takes a name of one line, of 1 to 200 bytes\(given)")
    }
    guard let branch = call.branch else { return .none }
    if let key = branch.notes[keyNote] as? Key {
      throw .argument("run.key: \"\(key.name)\" waits for a submit of this branch already")
    }
    branch.notes[keyNote] = Key(name)
    return .none
  }

  /// The key for a submit of the branch that calls; it is used up.
  static func takeKey(_ call: Stack) -> String? {
    (call.branch?.notes.removeValue(forKey: keyNote) as? Key)?.name
  }
}
