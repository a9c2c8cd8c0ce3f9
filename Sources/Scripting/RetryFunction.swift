import Clock
import CommandCenterAPI
import LuaVM
import Workflow

/// `flow.retry`: the same once more, after a while, where it came to no good.
enum RetryFunction {
  static var entry: APIEntry {
    APIEntry(
      "flow.retry", "(options: retry_options, fn: async fun(...): any, ...: any): result: any", waits: true,
      """
      Calls fn(…) until it comes to good, at most so many times, and gives what the last call returned; a task is \
      waited for, and a table is judged as flow.map does. Of a list all is tried again, what was good too; within \
      flow.map each is tried by itself. What raises is a mistake of the script, and raises.
      """,
      example:
        "local r = flow.retry({ attempts = 2, delay = \"5m\" }, function(n) return { ok = n == 1, outcome = \"failed\" } end, 1)  assert(r.ok)",
      begin)
  }

  static let shape = APIShape(
    "retry_options", .arguments, "How flow.retry goes about it.",
    [
      .init("attempts?", "integer", "how often it is called at most (3)"),
      .init("delay?", "duration", "before the second call (\"1m\")"),
      .init("factor?", "number", "by which each further delay is longer (2)"),
      .init("max_delay?", "duration", "no delay is longer (\"1h\")"),
      .init("jitter?", "number", "the part by which a delay is longer or shorter by chance, 0 to 1 (0.1)"),
      .init(
        "when?", "outcome[]|async fun(result: any, attempt: integer): boolean",
        "what is tried again: outcomes, or a function that says so (failed, failed_to_start, busy, unreachable)"
      ),
    ])

  /// Calls of a script's functions come from Lua, so that they may wait.
  private static let text = """
    local type = type
    local begin, settled, judge, pause, sleep = ...
    return function(options, fn, ...)
      local plan, when = begin(options, fn)
      local attempt = 1
      while true do
        local result = settled(fn(...))
        if attempt >= plan.attempts then return result end
        local ok, outcome = judge(result)
        local again
        if when then
          again = when(result, attempt)
        else
          again = not ok and plan.when[outcome]
        end
        if not again then return result end
        sleep(pause(plan, attempt, type(result) == "table" and result or nil, outcome))
        attempt = attempt + 1
      end
    end
    """

  /// Puts the function in place of its entry's body.
  static func install(_ session: Session) throws(LuaFailure) {
    let (stack, core) = (session.core.stack, session.core)
    stack.pushGlobal("flow")
    stack.push(core.register("flow.retry", begin))
    stack.push(core.register("flow.retry", settled))
    stack.push(core.register("flow.retry", judge))
    stack.push(core.register("flow.retry", pause))
    stack.push(core.register("flow.retry", FlowModule.sleep))
    try core.pushResult(of: text, name: "[cvlua flow]", arguments: 5)
    stack.set(-2, "retry")
    stack.pop()
  }

  private static let usual: [Outcome] = [.failed, .failedToStart, .busy, .unreachable]

  /// Reads the options: gives a table of what was said or is usual, and the function that says whether to go on.
  private static func begin(_ call: Stack) throws(LuaFailure) -> Reply {
    try call.requireTable(1, "flow.retry: the first argument")
    try call.requireFunction(2, "flow.retry: the second argument")
    let options = try NamedArguments(
      call, 1, "flow.retry", ["attempts", "delay", "factor", "max_delay", "jitter", "when"])
    let attempts = try options.count("attempts") ?? 3
    let delay = try duration(options, "delay") ?? .seconds(60)
    let factor = try number(options, "factor", 1...1000) ?? 2
    let longest = try duration(options, "max_delay") ?? max(.seconds(3600), delay)
    let jitter = try number(options, "jitter", 0...1) ?? 0.1
    var outcomes = usual
    var function: LuaReference?
    try options.value("when") { () throws(LuaFailure) in
      if call.type(-1) == .function { return function = call.reference(-1) }
      outcomes = try Self.outcomes(call)
    }
    call.pushTable(fields: 6)
    for (name, value) in [
      ("delay", delay.inSeconds), ("factor", factor), ("max_delay", longest.inSeconds), ("jitter", jitter),
    ] {
      call.push(value)
      call.set(-2, name)
    }
    call.push(attempts)
    call.set(-2, "attempts")
    call.pushTable(fields: outcomes.count)
    for outcome in outcomes {
      call.push(true)
      call.set(-2, outcome.rawValue)
    }
    call.set(-2, "when")
    guard let function else { return .values(1) }
    call.push(function)
    return .values(2)
  }

  private static func duration(
    _ options: NamedArguments, _ name: String
  ) throws(LuaFailure) -> Duration? {
    try options.value(name) { () throws(LuaFailure) in
      try Session.of(options.call).duration(options.call, -1, "flow.retry: \(name)")
    }
  }

  private static func number(
    _ options: NamedArguments, _ name: String, _ range: ClosedRange<Double>
  ) throws(LuaFailure) -> Double? {
    try options.value(name) { () throws(LuaFailure) in
      guard let number = options.call.number(-1), range.contains(number) else {
        throw .argument(
          "flow.retry: \(name) must be a number from \(Int(range.lowerBound)) to \(Int(range.upperBound)), not \(options.call.quoted(-1))"
        )
      }
      return number
    }
  }

  /// The list on top of the stack.
  private static func outcomes(_ call: Stack) throws(LuaFailure) -> [Outcome] {
    guard call.type(-1) == .table else {
      throw .argument(
        "flow.retry: when must be a list of outcomes, such as { \"failed\" }, or a function, not \(call.quoted(-1))"
      )
    }
    var outcomes: [Outcome] = []
    for index in stride(from: 1, through: call.rawLength(-1), by: 1) {
      call.get(-1, at: index)
      defer { call.pop() }
      guard let outcome = call.string(-1).flatMap(Outcome.init(rawValue:)) else {
        let names = Outcome.allCases.map(\.rawValue)
        let hint = didYouMean(call.string(-1) ?? "", among: names).map { "did you mean \($0)?" }
        throw .argument(
          "flow.retry: when names \(call.quoted(-1)), which is no outcome; \(hint ?? "there is \(names.joined(separator: ", "))")"
        )
      }
      // What nobody knows the end of may run yet.
      guard outcome != .ambiguous else {
        throw .argument("flow.retry: what is ambiguous may be running, so it is never tried again")
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// What the function returned; a task is waited for.
  private static func settled(_ call: Stack) throws(LuaFailure) -> Reply {
    if call.object(1, as: Session.of(call).types.task) != nil { return try BackupTask.wait(call) }
    if call.count == 0 { call.pushNil() }
    call.copy(1)
    return .values(1)
  }

  /// Whether a result is good, and its outcome, as a record of it would have them.
  private static func judge(_ call: Stack) -> Reply {
    let judgement = RecordTypes.judge(call, 1)
    call.push(judgement.isOk)
    call.push(judgement.outcome?.rawValue)
    return .values(2)
  }

  /// For how many seconds the branch sleeps before the next attempt.
  private static func pause(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    func number(_ name: String) -> Double {
      defer { call.pop() }
      call.get(1, name)
      return call.number(-1) ?? 0
    }
    let attempt = Int(call.integer(2) ?? 1)
    let usual = min(number("delay") * pow(number("factor"), attempt - 1), number("max_delay"))
    // The same in each life of the run.
    let chance = session.run.chance("retry", place: Lineage.place(call), attempt)
    let seconds = usual * (1 + number("jitter") * (2 * chance - 1))
    var what = "it was not good"
    if call.type(3) == .table, let outcome = call.string(4) {
      call.get(3, "target")
      what = "\(call.string(-1) ?? "it") \(outcome)"
      call.pop()
    }
    let next = "\(attempt + 1) of \(Int(number("attempts")))"
    let whole = Duration.nanoseconds(Int64(seconds * 1e9))
    let known = session.run.knownEnd(ofSleep: whole, key: Lineage.place(call))
    let delay = known.map { $0 - session.clock.now } ?? whole
    // An earlier life of the run has said it of what is long over.
    if delay > .zero {
      let message = "\(what), trying again in \(DurationText.short(delay)) (\(next))"
      session.run.log(LogLine(level: .warning, message: message, fields: []))
    }
    call.push(seconds)
    return .values(1)
  }

  private static func pow(_ base: Double, _ exponent: Int) -> Double {
    var product = 1.0
    for _ in 0..<exponent where product < 1e9 { product *= base }
    return product
  }
}
