import LuaVM
import Synchronization

/// A machine for tests. Its scripts have besides the profile's own:
/// - `wait(text)` suspends the branch and answers with the text; `wait("fail")` raises
/// - `never()` suspends the branch for good; `stall()` the same, but only another branch could end it
/// - `spawn(fn)` starts a branch and gives its number; `cancel(number)`, `kill(number)`, `cancel_all()`
/// - `kill_later(number)` ends a branch between two steps, as a grace that is over does
/// - `finally(fn)` runs the function when the branch ends
/// - `answer_twice()` waits and is answered twice
/// - `interrupt()` asks for an interruption from another thread, `deadline()` for the other kind
/// - `interrupt_line()` asks for one of a session's line
struct Machine {
  let vm: VM
  /// What branches that nobody joins raised.
  let lost: Lost

  /// Sentences of failures that nobody looked at.
  final class Lost: Sendable {
    private let sentences = Mutex<[String]>([])
    func add(_ sentence: String) { sentences.withLock { $0.append(sentence) } }
    var all: [String] { sentences.withLock { $0 } }
  }

  init(_ change: (inout VM.Options) -> Void = { _ in }) async throws {
    var options = VM.Options()
    change(&options)
    let vm = VM(options)
    let lost = Lost()
    self.vm = vm
    self.lost = lost
    try await vm.open { [weak vm] core throws(LuaFailure) in
      core.onLostFailure = { _, failure in lost.add(failure.sentence) }
      TestFunctions(vm: vm).register(in: core)
    }
  }

  /// Runs a chunk named `test.lua`.
  func run(_ text: String, _ arguments: [String] = []) async -> VM.ScriptEnd {
    await vm.run(.text(Array(text.utf8), name: "@test.lua"), arguments: arguments)
  }

  /// What the chunk returns, or its error as one sentence.
  func value(_ text: String) async -> String {
    let end = await run(text)
    return end.failure.map { "error: \($0.sentence)" } ?? end.returned ?? "nothing"
  }
}

/// The functions that test scripts have.
private final class TestFunctions {
  private weak let vm: VM?
  private var branches: [Int: Branch] = [:]

  init(vm: VM?) { self.vm = vm }

  func register(in core: Core) {
    add("wait", core) { call throws(LuaFailure) in
      let text = call.string(1) ?? "nothing"
      let (ticket, reply) = try call.core.suspend(call, isExternal: true)
      if text == "fail" {
        ticket.fail(LuaFailure("refused", "the wait failed"))
      } else {
        ticket.resolve { stack in
          stack.push(text)
          return 1
        }
      }
      return reply
    }
    add("answer_twice", core) { call throws(LuaFailure) in
      let (ticket, reply) = try call.core.suspend(call, isExternal: true)
      for text in ["first", "second"] {
        ticket.resolve { stack in
          stack.push(text)
          return 1
        }
      }
      return reply
    }
    add("never", core) { call throws(LuaFailure) in
      try call.core.suspend(call, isExternal: true).reply
    }
    add("stall", core) { call throws(LuaFailure) in
      try call.core.suspend(call, isExternal: false).reply
    }
    add("spawn", core) { [self] call throws(LuaFailure) in
      call.copy(1)
      let branch = call.spawn(arguments: 0)
      branches[branch.id] = branch
      call.push(branch.id)
      return .values(1)
    }
    add("cancel", core) { [self] call throws(LuaFailure) in
      call.core.cancel(branch(call), LuaFailure("cancelled", "cancelled"))
      return .none
    }
    add("cancel_all", core) { call throws(LuaFailure) in
      call.core.cancelAll(LuaFailure("cancelled", "cancelled"))
      return .none
    }
    add("kill", core) { [self] call throws(LuaFailure) in
      call.core.kill(branch(call))
      return .none
    }
    add("kill_later", core) { [self] call throws(LuaFailure) in
      let id = branch(call).id
      let functions = Unchecked(value: self)
      call.core.mailbox.post { core in
        if let branch = functions.value.branches[id] { core.kill(branch) }
      }
      return .none
    }
    add("finally", core) { call throws(LuaFailure) in
      if let branch = call.branch { call.core.deferred(call.reference(1), by: branch) }
      return .none
    }
    add("interrupt_line", core) { [weak vm] _ throws(LuaFailure) in
      let vm = vm
      Task.detached { vm?.interruptLine() }
      return .none
    }
    for (name, isDeadline) in [("interrupt", false), ("deadline", true)] {
      add(name, core) { [weak vm] _ throws(LuaFailure) in
        let vm = vm
        Task.detached { vm?.interrupt(deadline: isDeadline) }
        return .none
      }
    }
  }

  private func branch(_ call: Stack) -> Branch {
    branches[Int(call.integer(1) ?? 0)]!
  }

  private func add(_ name: String, _ core: Core, _ body: @escaping HostFunction.Body) {
    core.setGlobal(name, core.register(name, body))
  }

  private struct Unchecked: @unchecked Sendable {
    // Sendable: used on the machine's thread only, before and after.
    let value: TestFunctions
  }
}
