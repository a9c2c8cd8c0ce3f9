import Clock
import LuaVM
import Workflow

/// Branches that one call started and waits for: flow.map, flow.all, flow.race, flow.timeout.
final class BranchGroup {
  enum Key {
    case index(Int)
    case name(String)

    /// As the journal calls a winner.
    var text: String {
      switch self {
      case .index(let index): "\(index)"
      case .name(let name): name
      }
    }
  }

  private struct Member {
    let key: Key
    let function: LuaReference
    let arguments: [LuaReference]
    /// The item of flow.map, which its record names.
    let item: LuaReference?
  }

  let session: Session
  private let limit: Int
  private let isRace: Bool
  private let withKey: Bool
  /// A race's time is up after so long.
  var deadline: Duration?

  private var waiting: [Member] = []
  private var next = 0
  private var running: [Int: Branch] = [:]
  /// Members whose record is still to come; of these, those that have started.
  private var open = 0
  private var active = 0
  private var results: LuaReference?
  private var allOk = true
  var ticket: Ticket?
  /// The branch that waits for the group.
  private var caller: Branch?
  private let alarm = Alarm()
  private var hasAlarm = false
  /// A race's place in the journal.
  var race: Race?
  /// Until when the losers of a race that an earlier life of the run has decided come to what they had done.
  var patience = Moment.distantFuture
  /// It is known how the race ends; that is being written down.
  var isDecided = false

  init(_ session: Session, limit: Int, isRace: Bool = false, withKey: Bool = true) {
    self.session = session
    self.limit = limit
    self.isRace = isRace
    self.withKey = withKey
  }

  var isEmpty: Bool { waiting.isEmpty }

  func add(_ key: Key, function: LuaReference, arguments: [LuaReference] = [], item: LuaReference? = nil) {
    waiting.append(Member(key: key, function: function, arguments: arguments, item: item))
  }

  /// Starts the branches; the caller waits for them.
  func run(_ call: Stack) throws(LuaFailure) -> Reply {
    call.pushTable(list: isRace ? 0 : waiting.count, fields: 2)
    call.push(session.records.list)
    call.setMetatable(of: -2)
    if waiting.isEmpty {
      call.push(true)
      call.set(-2, "ok")
      return .values(1)
    }
    results = call.popReference()
    open = waiting.count
    let (ticket, reply) = try session.core.suspend(call, isExternal: false) { [self] _ in cancel() }
    self.ticket = ticket
    caller = call.branch
    if isRace, session.run.ledger != nil {
      beginOnRecord(call, ticket)
    } else {
      startMore(call)
      if let deadline { ring(after: deadline) { $0.timeOut() } }
    }
    return reply
  }

  /// Calls `body` after so long, unless the group has come to its end.
  func ring(after duration: Duration, _ body: @escaping @Sendable (BranchGroup) -> Void) {
    guard let ticket, !hasAlarm else { return }
    hasAlarm = true
    session.core.expectMail()
    // The group lives on the machine's thread: the alarm finds it by its mail.
    let box = Weak(self)
    alarm.set(session.clock, after: duration) {
      ticket.mailbox.post { _ in box.value.map(body) }
    }
  }

  func startMore(_ stack: Stack) {
    while next < waiting.count, active < limit {
      let member = waiting[next]
      next += 1
      _ = stack.ensure(member.arguments.count + 2)
      stack.push(member.function)
      for argument in member.arguments { stack.push(argument) }
      let branch = stack.spawn(arguments: member.arguments.count)
      // Who lost in an earlier life of the run goes no further than it went then.
      let loses = race?.winner.map { $0 != member.key.text } ?? false
      session.adopt(branch, by: caller, losesRace: loses)
      running[branch.id] = branch
      active += 1
      session.core.whenEnded(branch) { [self] core, end in ended(branch, member, end) }
    }
  }

  private func ended(_ branch: Branch, _ member: Member, _ end: BranchEnd) {
    running[branch.id] = nil
    guard ticket != nil else { return }
    session.advance(caller, to: branch)
    let stack = session.core.stack
    // A branch that returns a task has come to its end only when the task has.
    if case .returned(let values) = end, let first = values.first {
      stack.push(first)
      let task = stack.object(-1, as: session.types.task)
      stack.pop()
      if let task, task.backup.attempt.outcome == nil {
        let session = Weak(session)
        let group = Keep((self, member))
        self.session.core.expectMail()
        let mailbox = self.session.core.mailbox
        task.backup.whenFinished { attempt in
          mailbox.post { core in
            core.mailCame()
            let (group, member) = group.value
            guard let session = session.value else { return }
            let stack = core.stack
            let ok = session.records.pushRecord(stack, of: attempt)
            group.settle(stack, member, ok)
          }
        }
        return
      }
    }
    let ok = session.records.pushRecord(stack, of: end, session)
    settle(stack, member, ok)
  }

  /// The record of a member is on top of the stack.
  private func settle(_ stack: Stack, _ member: Member, _ ok: Bool) {
    guard ticket != nil, !isDecided, let results else { return stack.pop() }
    if isRace {
      let record = stack.popReference()
      let (key, withKey) = (member.key, withKey)
      return win(key.text) { stack in
        stack.push(record)
        guard withKey else { return 1 }
        switch key {
        case .index(let index): stack.push(index)
        case .name(let name): stack.push(name)
        }
        return 2
      }
    }
    if let item = member.item {
      stack.push(item)
      stack.set(-2, "item")
    }
    allOk = allOk && ok
    stack.push(results)
    stack.copy(-2)
    switch member.key {
    case .index(let index): stack.set(-2, at: index)
    case .name(let name): stack.set(-2, name)
    }
    stack.pop(2)
    open -= 1
    active -= 1
    if open == 0 {
      stack.push(results)
      stack.push(allOk)
      stack.set(-2, "ok")
      stack.pop()
      resume { stack in
        stack.push(results)
        return 1
      }
    } else {
      startMore(stack)
    }
  }

  func timeOut() {
    guard ticket != nil, !isDecided, let deadline else { return }
    let session = session
    win(Self.timeIsUp) { stack in
      let text = "timed out after \(DurationText.short(deadline))"
      session.records.pushRecord(stack, ok: false, outcome: "gave_up", reason: text)
      return 1
    }
  }

  /// The call's wait is over, and it answers what `push` pushes.
  func resume(_ push: @escaping (Stack) -> Int) {
    guard let ticket else { return }
    finish()
    session.core.resume(ticket, push)
  }

  /// The call's wait is over; what comes later is nobody's.
  private func finish() {
    ticket = nil
    alarm.cancel(session.clock)
    if hasAlarm { session.core.mailCame() }
    hasAlarm = false
  }

  /// The branch that waits for the group was cancelled.
  private func cancel() {
    guard ticket != nil else { return }
    finish()
    next = waiting.count
    cancelRunning()
  }

  func cancelRunning() {
    let reason = LuaFailure("cancelled", "cancelled")
    for (_, branch) in running.sorted(by: { $0.key < $1.key }) {
      session.cancel(branch, reason)
    }
  }
}

/// Carries something of the machine's own thread through a closure that comes back to that thread.
struct Keep<Value>: @unchecked Sendable {
  // Sendable: made and read on the machine's thread only; in between it is only carried.
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// The same, without keeping the object alive.
struct Weak<Object: AnyObject>: @unchecked Sendable {
  // Sendable: made and read on the machine's thread only; in between it is only carried.
  weak var value: Object?
  init(_ value: Object) { self.value = value }
}
