import LuaVM
import Synchronization

/// A machine for tests, with `wait(value…)`: it suspends the branch, and another thread answers with the
/// same values; and `spawn(fn)`.
struct Machine {
  let vm: VM

  init(_ change: (inout VM.Options) -> Void = { _ in }) async throws {
    var options = VM.Options()
    change(&options)
    vm = VM(options)
    try await vm.open { core throws(LuaFailure) in
      let answer = core.register("wait") { call throws(LuaFailure) in
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
      let never = core.register("never") { call throws(LuaFailure) in
        try call.core.suspend(call, isExternal: true).reply
      }
      let spawn = core.register("spawn") { call throws(LuaFailure) in
        call.copy(1)
        _ = call.spawn(arguments: 0)
        return .none
      }
      let cancelAll = core.register("cancel_all") { call throws(LuaFailure) in
        call.core.cancelAll(LuaFailure("cancelled", "cancelled"))
        return .none
      }
      core.setGlobal("wait", answer)
      core.setGlobal("never", never)
      core.setGlobal("spawn", spawn)
      core.setGlobal("cancel_all", cancelAll)
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
