import Clock
import LuaVM
import Workflow

/// `flow`: many branches at once.
enum FlowModule {
  static var entries: [APIEntry] {
    [
      APIEntry(
        "flow.map",
        "(list: T[], fn: async fun(item: T, index: integer): any, options?: map_options): records",
        waits: true,
        """
        Calls fn(item, index) for each item, all at once or at most `limit` at a time, and waits for all. \
        Gives one record an item, in order: ok, outcome, reason, target, value. A branch that raises is a \
        record with outcome "error" and stops no other. The list itself has `ok` and `:bad()`. A branch counts by \
        what its function returns first: a task or result by how the backup came out, any table by its boolean \
        `ok` (with its outcome, else "failed", its reason and target), a list of such tables by all of them; \
        anything else, false and nil included, is good.
        """,
        example:
          "local r = flow.map({ 1, 2 }, function(n) return n * 2 end)  assert(r.ok and r[2].value == 4)",
        map),
      APIEntry(
        "flow.all", "(functions: table<any, async fun(): any>): records", waits: true,
        "Runs the functions at once and waits for all. Gives one record a function, under its index or name.",
        example: "local r = flow.all{ a = function() return 1 end }  assert(r.a.value == 1)", all),
      APIEntry(
        "flow.spawn", "(fn: async fun(...): any, ...: any): branch",
        """
        Starts fn(…) as a branch of its own and goes on. branch:join() waits for it and gives what it returned, \
        or raises what it raised; branch:cancel() ends it at its next wait. The run waits for all branches.
        """,
        example: "local b = flow.spawn(function() return 7 end)  assert(b:join() == 7)", spawn),
      APIEntry(
        "flow.sleep", "(duration: duration)", waits: true,
        "Waits for so long: \"90s\", \"15m\", \"1h30m\", or a number of seconds. Other branches go on.",
        example: "flow.sleep(\"10m\")", sleep),
      APIEntry(
        "flow.race", "(functions: table<any, async fun(): any>): record, key: integer|string", waits: true,
        "Runs the functions at once, waits for the first that ends, and cancels the others.",
        example:
          "local r, who = flow.race{ function() flow.sleep(9) end, function() return 1 end }  assert(who == 2)",
        race),
      APIEntry(
        "flow.timeout", "(duration: duration, fn: async fun(...): any, ...: any): record", waits: true,
        "Calls fn(…) and waits at most so long; then cancels it and gives a record with outcome \"gave_up\".",
        example: "local r = flow.timeout(\"1s\", flow.sleep, \"1h\")  assert(r.outcome == \"gave_up\")",
        timeout),
      APIEntry(
        "flow.semaphore", "(permits: integer): semaphore",
        """
        At most so many at a time: `local permit <close> = s:acquire()` waits for a permit and gives it back \
        at the end of the block, first come, first served; permit:release() gives it back sooner.
        """,
        example: "local s = flow.semaphore(2)  do local permit <close> = s:acquire() end", semaphore),
      APIEntry(
        "flow.defer", "(fn: async fun())",
        """
        Calls fn when this branch ends, on whatever way out; the last deferred runs first. fn may wait. A run that was \
        stopped by a signal has cleaned up: when it is resumed, what had finished by then is not done again, so fn must \
        leave what that relies on.
        """,
        example: "flow.defer(function() log(\"done\") end)", deferred),
    ]
  }

  static let shapes = [
    APIShape(
      "flow", .module, "Many branches at once: each is a call of a function, and waits for itself alone."),
    APIShape(
      "map_options", .arguments, "How flow.map goes about it.",
      [.init("limit?", "integer", "at most so many branches at a time")]),
    APIShape(
      "duration", .alias("string|number"),
      "A length of time: \"90s\", \"15m\", \"6h\", \"1h30m\", or a number of seconds."),
  ]

  // MARK: map, all

  private static func map(_ call: Stack) throws(LuaFailure) -> Reply {
    try call.requireTable(1, "flow.map: the first argument")
    try call.requireFunction(2, "flow.map: the second argument")
    try requireList(call, 1)
    let limit = try limit(call, 3)
    let group = BranchGroup(Session.of(call), limit: limit)
    let function = call.reference(2)
    for index in stride(from: 1, through: call.rawLength(1), by: 1) {
      call.get(1, at: index)
      let item = call.popReference()
      call.push(index)
      group.add(
        .index(index), function: function, arguments: [item, call.popReference()], item: item)
    }
    return try group.run(call)
  }

  /// Raises for a table that is no list: all that stands under names would be left out without a word.
  private static func requireList(_ call: Stack, _ index: Int) throws(LuaFailure) {
    // A list of records has `ok` besides.
    if Session.of(call).records.isList(call, index) { return }
    let length = call.rawLength(index)
    var strange: String?
    call.forEach(index) {
      if let key = call.integer(-2), key >= 1, key <= length { return }
      // The first by name, so that the message is the same each time.
      let key = call.quoted(-2)
      strange = min(strange ?? key, key)
    }
    if let strange { throw .argument("flow.map takes a list, and this one has the key \(strange)") }
  }

  private static func limit(_ call: Stack, _ index: Int) throws(LuaFailure) -> Int {
    guard !call.isNothing(index) else { return .max }
    try call.requireTable(index, "flow.map: the third argument")
    var limit = Int.max
    try call.forEach(index) { () throws(LuaFailure) in
      guard call.string(-2) == "limit" else {
        throw .argument("flow.map knows no option \(call.quoted(-2)); it takes limit")
      }
      guard let number = call.integer(-1), number > 0 else {
        throw .argument("flow.map: limit must be a whole number above 0, not \(call.quoted(-1))")
      }
      limit = Int(number)
    }
    return limit
  }

  private static func functions(_ call: Stack, _ name: String, into group: BranchGroup) throws(LuaFailure) {
    try call.requireTable(1, "\(name): its argument")
    let length = call.rawLength(1)
    for index in stride(from: 1, through: length, by: 1) {
      call.get(1, at: index)
      try call.requireFunction(-1, "\(name): entry \(index)")
      group.add(.index(index), function: call.popReference())
    }
    var named: [(String, LuaReference)] = []
    try call.forEach(1) { () throws(LuaFailure) in
      if let index = call.integer(-2), index >= 1, index <= length { return }
      guard let key = call.string(-2) else {
        throw .argument("\(name): a key must be a name or an index without gaps, not \(call.quoted(-2))")
      }
      try call.requireFunction(-1, "\(name): entry \(key)")
      named.append((key, call.reference(-1)))
    }
    // By name, so that they start in the same order in each process.
    for (key, function) in named.sorted(by: { $0.0 < $1.0 }) {
      group.add(.name(key), function: function)
    }
  }

  private static func all(_ call: Stack) throws(LuaFailure) -> Reply {
    let group = BranchGroup(Session.of(call), limit: .max)
    try functions(call, "flow.all", into: group)
    return try group.run(call)
  }

  // MARK: race, timeout

  private static func race(_ call: Stack) throws(LuaFailure) -> Reply {
    let group = BranchGroup(Session.of(call), limit: .max, isRace: true)
    try functions(call, "flow.race", into: group)
    guard !group.isEmpty else { throw .argument("flow.race needs at least one function") }
    return try group.run(call)
  }

  private static func timeout(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let duration = try session.duration(call, 1, "flow.timeout: the first argument")
    try call.requireFunction(2, "flow.timeout: the second argument")
    let group = BranchGroup(session, limit: .max, isRace: true, withKey: false)
    let arguments = stride(from: 3, through: call.count, by: 1).map { call.reference($0) }
    group.add(.index(1), function: call.reference(2), arguments: arguments)
    group.deadline = duration
    return try group.run(call)
  }

  // MARK: sleep, defer

  static func sleep(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let duration = try session.duration(call, 1, "flow.sleep: the argument")
    let (clock, run) = (session.clock, session.run)
    let alarm = Alarm()
    let (ticket, reply) = try call.core.suspend(call, isExternal: true) { _ in alarm.cancel(clock) }
    guard run.ledger != nil, duration >= Run.shortestKeptSleep else {
      alarm.set(clock, after: duration) { ticket.resolve { _ in 0 } }
      return reply
    }
    let kept = Keep((alarm: alarm, branch: call.branch))
    let (key, place) = (Lineage.place(call), call.place)
    clock.hold()
    Task(executorPreference: session.executor) {
      do throws(RunStop) {
        let end = try await run.beginSleep(duration, key: key, place: place)
        ticket.mailbox.post { core in
          guard core.isWaiting(ticket) else { return }
          kept.value.alarm.set(clock, after: max(.zero, end - clock.now)) {
            ticket.resolve { stack in
              Session.of(stack).advance(kept.value.branch, to: end)
              return 0
            }
          }
        }
      } catch {
        Session.fail(ticket, LuaFailure(LuaFailure.unsafe, error.sentence))
      }
      clock.release()
    }
    return reply
  }

  private static func deferred(_ call: Stack) throws(LuaFailure) -> Reply {
    try call.requireFunction(1, "flow.defer: the argument")
    // A branch that the step's function starts ends before the step does.
    if Lineage.of(call.branch)?.runsStep ?? false { try StepScope.refuse(call, "flow.defer") }
    if let branch = call.branch { call.core.deferred(call.reference(1), by: branch) }
    return .none
  }

  // MARK: spawn, semaphore

  private static func spawn(_ call: Stack) throws(LuaFailure) -> Reply {
    try call.requireFunction(1, "flow.spawn: the first argument")
    try StepScope.refuse(call, "flow.spawn")
    let session = Session.of(call)
    let branch = call.spawn(arguments: call.count - 1)
    session.adopt(branch, by: call.branch)
    call.push(SpawnedBranch(branch, session), as: session.types.branch)
    return .values(1)
  }

  private static func semaphore(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let permits = call.integer(1), permits > 0 else {
      throw .argument("flow.semaphore takes a whole number above 0, not \(call.quoted(1))")
    }
    call.push(Semaphore(permits: Int(permits)), as: Session.of(call).types.semaphore)
    return .values(1)
  }
}

/// A timer that a branch waits for, or that watches over one.
final class Alarm {
  private var timer: TimerID?

  /// Calls `ring` after `duration`; what it sets going must take holds of its own.
  func set(_ clock: any RunClock, after duration: Duration, _ ring: @escaping @Sendable () -> Void) {
    timer = clock.schedule(at: clock.now + duration) {
      ring()
      clock.release()
    }
  }

  func cancel(_ clock: any RunClock) {
    if let timer { clock.cancel(timer) }
    timer = nil
  }
}
