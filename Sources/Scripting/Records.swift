import Clock
import CommandCenterAPI
import LuaVM
import Workflow

/// The tables that scripts get back: results of tasks, records of branches, lists of records.
struct RecordTypes {
  /// Metatable of a list of records: `:bad()`.
  let list: LuaReference
  /// Metatable of a record or result: `tostring`.
  let record: LuaReference

  init(_ core: Core) {
    let stack = core.stack
    func metatable(_ name: String, _ fill: () -> Void) -> LuaReference {
      stack.pushTable(fields: 4)
      stack.push(name)
      stack.set(-2, "__name")
      stack.push(name)
      stack.set(-2, "__metatable")
      fill()
      return stack.popReference()
    }
    let toString = core.register("tostring of a record") { call throws(LuaFailure) in
      call.push(call.type(1) == .table ? Self.line(call, 1) : "record")
      return .values(1)
    }
    list = metatable("records") {
      stack.addMethods(Self.entries.methods)
    }
    record = metatable("record") {
      stack.push(toString)
      stack.set(-2, "__tostring")
    }
  }

  static let shapes = [
    APIShape(
      "record", .table, "What came of a branch. As text it is one line.",
      [
        .init("ok", "boolean", "whether it counts as good"),
        .init("outcome", "outcome", "how it came out"),
        .init("reason?", "string", "why it is not good, in the server's words where it has some"),
        .init("target?", "string", "what was backed up"),
        .init("value?", "any", "what the branch returned; where it raised, what it raised"),
      ]),
    APIShape(
      "records", .table, "One record a branch, under its index or name.",
      [
        .init("ok", "boolean", "whether all of them are good"),
        .init("[integer]", "record", "the record of that item"),
        .init("[string]", "record", "the record of the function of that name"),
      ]),
    APIShape(
      "result", .table, parent: "record", "What came of a backup.",
      [
        .init("commcell", "string", "the Command Center's name; \"default\" is the run's own"),
        .init("workload", "string", "the workload's name"),
        .init("jobs", "string[]", "the ids of its jobs"),
        .init("level_asked?", "backup_level", "the level that was asked for"),
        .init("level_run?", "backup_level", "the level that really ran"),
        .init("bytes?", "integer", "how much was backed up"),
        .init("started?", "integer", "when, as unix time"),
        .init("finished?", "integer", "when, as unix time"),
        .init("attempt", "integer", "the number of this attempt at the target, from 1"),
        .init("task_id?", "integer", "the server's task"),
        .init("attached?", "boolean", "true where the job was there before, and is not this task's own"),
      ]),
    APIShape(
      "outcome", .values(Outcome.allCases.map { ($0.rawValue, $0.meaning) }),
      "How a backup or a branch came out, the best first."),
  ]

  static var entries: [APIEntry] {
    [
      APIEntry(
        "records:bad", "(): text: string",
        "What is not good in the list, for people: \"orders failed: no space left; crm killed\". Empty if all is.",
        example: "assert(flow.map({ 1 }, function() error(\"no\") end):bad():find(\"1 error\"))"
      ) { call throws(LuaFailure) in
        try call.requireTable(1, "records:bad(): the list")
        call.push(bad(call, 1))
        return .values(1)
      }
    ]
  }

  // MARK: pushing

  /// Pushes the record of a branch that has ended; tells whether it is ok.
  func pushRecord(_ stack: Stack, of end: BranchEnd, _ session: Session) -> Bool {
    switch end {
    case .raised(let failure, let value):
      if !failure.isEndFromOutside { session.run.branchFailed(BranchFailure(failure)) }
      pushRecord(stack, ok: false, outcome: Outcome.error.rawValue, reason: failure.sentence)
      stack.push(value)
      stack.set(-2, "value")
      return false
    case .returned(let values):
      guard let value = values.first else {
        pushRecord(stack, ok: true, outcome: Outcome.completed.rawValue, reason: nil)
        return true
      }
      stack.push(value)
      let given = stack.top
      if let task = stack.object(given, as: session.types.task) {
        let attempt = task.backup.attempt
        stack.pop()
        return pushRecord(stack, of: attempt)
      }
      let judgement = Self.judge(stack, given)
      pushRecord(
        stack, ok: judgement.isOk, outcome: (judgement.outcome ?? .completed).rawValue,
        reason: judgement.reason, target: judgement.target)
      stack.copy(given)
      stack.set(-2, "value")
      // The value itself lay below the record.
      let record = stack.popReference()
      stack.pop()
      stack.push(record)
      return judgement.isOk
    }
  }

  /// Pushes a record with these fields.
  func pushRecord(_ stack: Stack, ok: Bool, outcome: String, reason: String?, target: String? = nil) {
    stack.pushTable(fields: 6)
    stack.push(ok)
    stack.set(-2, "ok")
    stack.push(outcome)
    stack.set(-2, "outcome")
    if let reason {
      stack.push(reason)
      stack.set(-2, "reason")
    }
    if let target {
      stack.push(target)
      stack.set(-2, "target")
    }
    stack.push(record)
    stack.setMetatable(of: -2)
  }

  /// Pushes the record of a branch whose value is the result of `attempt`.
  func pushRecord(_ stack: Stack, of attempt: Attempt) -> Bool {
    pushRecord(
      stack, ok: attempt.isOk, outcome: attempt.outcome?.rawValue ?? "", reason: attempt.reason,
      target: attempt.target)
    pushResult(stack, attempt)
    stack.set(-2, "value")
    return attempt.isOk
  }

  /// Pushes what `task:wait()` gives.
  func pushResult(_ stack: Stack, _ attempt: Attempt) {
    pushRecord(
      stack, ok: attempt.isOk, outcome: attempt.outcome?.rawValue ?? "", reason: attempt.reason,
      target: attempt.target)
    func set(_ name: String, _ value: String?) {
      guard let value else { return }
      stack.push(value)
      stack.set(-2, name)
    }
    func set(_ name: String, _ value: Int64?) {
      guard let value else { return }
      stack.push(value)
      stack.set(-2, name)
    }
    set("commcell", attempt.commcell)
    set("workload", attempt.workload)
    set("level_asked", attempt.levelAsked)
    set("level_run", attempt.levelRun)
    set("task_id", attempt.taskId)
    set("attempt", Int64(attempt.attempt))
    set("bytes", attempt.bytes)
    set("started", attempt.started.unixSeconds)
    set("finished", attempt.finished?.unixSeconds)
    if attempt.isAttached {
      stack.push(true)
      stack.set(-2, "attached")
    }
    stack.pushJobs(attempt.jobIds)
    stack.set(-2, "jobs")
  }

  // MARK: reading

  /// What a value that a branch returned says of itself.
  struct Judgement {
    var isOk = true
    /// Nil where it names none and is good.
    var outcome: Outcome?
    var reason: String?
    var target: String?
  }

  /// A table is judged by its boolean `ok`, whoever made it: one that went through JSON says no less than a
  /// result does. A list without one is judged by the records in it. All else is good. Raw access only.
  static func judge(_ stack: Stack, _ index: Int) -> Judgement {
    var judgement = Judgement()
    guard stack.type(index) == .table else { return judgement }
    let index = stack.absolute(index)
    let says = stack.get(index, "ok") == .boolean
    if says { judgement.isOk = stack.boolean(-1) }
    stack.pop()
    guard says || isListOfRecords(stack, index) else { return judgement }
    func text(_ name: String) -> String? {
      stack.get(index, name)
      defer { stack.pop() }
      return stack.string(-1)
    }
    if says {
      judgement.outcome = text("outcome").flatMap(Outcome.init(rawValue:))
      judgement.reason = text("reason")
      judgement.target = text("target")
    }
    if !says || !judgement.isOk && judgement.outcome == nil {
      let bad = bad(stack, index)
      if !bad.isEmpty {
        judgement.isOk = false
        judgement.outcome = worst(stack, index)
        judgement.reason = judgement.reason ?? bad
      }
    }
    if !judgement.isOk { judgement.outcome = judgement.outcome ?? .failed }
    return judgement
  }

  private static func isListOfRecords(_ stack: Stack, _ index: Int) -> Bool {
    defer { stack.pop() }
    guard stack.get(index, at: 1) == .table else { return false }
    defer { stack.pop() }
    return stack.get(-1, "ok") == .boolean
  }

  func isList(_ stack: Stack, _ index: Int) -> Bool {
    guard stack.type(index) == .table, stack.pushMetatable(index) else { return false }
    stack.push(list)
    defer { stack.pop(2) }
    return stack.isSame(-1, -2)
  }

  /// The records of a list that are not ok, in order: by index, then by name.
  private static func badOnes(_ stack: Stack, _ list: Int, _ body: (String) -> Void) {
    let list = stack.absolute(list)
    var named: [String] = []
    let length = stack.rawLength(list)
    for index in stride(from: 1, through: length, by: 1) {
      if stack.get(list, at: index) == .table, isBad(stack) { body("\(index)") }
      stack.pop()
    }
    stack.forEach(list) {
      if let name = stack.string(-2), stack.type(-1) == .table, isBad(stack) { named.append(name) }
    }
    for name in named.sorted() {
      stack.get(list, name)
      body(name)
      stack.pop()
    }
  }

  private static func isBad(_ stack: Stack) -> Bool {
    defer { stack.pop() }
    return stack.get(-1, "ok") == .boolean && !stack.boolean(-1)
  }

  /// What is not good in a list, for people: `orders failed: no space left; crm killed`.
  private static func bad(_ stack: Stack, _ list: Int) -> String {
    var parts: [String] = []
    badOnes(stack, list) { key in
      func text(_ name: String) -> String? {
        stack.get(-1, name)
        defer { stack.pop() }
        return stack.isNothing(-1) ? nil : stack.shown(-1)
      }
      stack.get(-1, "item")
      let item = [.string, .number].contains(stack.type(-1)) ? stack.shown(-1) : nil
      stack.pop()
      let who = text("target") ?? item ?? key
      let reason = text("reason").map { ": \($0)" } ?? ""
      parts.append("\(who) \(text("outcome") ?? "not ok")\(reason)")
    }
    return parts.joined(separator: "; ")
  }

  private static func worst(_ stack: Stack, _ list: Int) -> Outcome? {
    var outcomes: [Outcome] = []
    badOnes(stack, list) { _ in
      stack.get(-1, "outcome")
      if let outcome = stack.string(-1).flatMap(Outcome.init(rawValue:)) { outcomes.append(outcome) }
      stack.pop()
    }
    return Outcome.worst(outcomes)
  }

  /// A record as `print` shows it: `aws-prod/DynamoDB/1042 failed: no space left`.
  private static func line(_ stack: Stack, _ index: Int) -> String {
    func text(_ name: String) -> String? {
      stack.get(index, name)
      defer { stack.pop() }
      return stack.isNothing(-1) ? nil : stack.shown(-1)
    }
    let reason = text("reason").map { ": \($0)" } ?? ""
    return [text("target"), text("outcome")].compactMap { $0 }.joined(separator: " ") + reason
  }
}

extension Stack {
  /// Pushes job ids as a list of strings, as the server names them.
  func pushJobs(_ ids: [String]) {
    pushTable(list: ids.count)
    for (index, id) in ids.enumerated() {
      push(id)
      set(-2, at: index + 1)
    }
  }
}
