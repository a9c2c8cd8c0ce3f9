import Clock
import CommandCenterAPI
import LuaVM
import Workflow

/// `flow.step`: a piece of work whose result a resumed run takes from the journal.
enum StepFunction {
  static var entry: APIEntry {
    APIEntry(
      "flow.step", "(name: string, fn: async fun(): T): value: T", waits: true,
      """
      Calls fn() and gives what it returned, once: a run that is taken up again takes the value from the journal and \
      does not call fn. The value must be one that JSON holds; a step that was interrupted is done again. Each name \
      may be used once in a run.
      """,
      example: "assert(flow.step(\"list\", function() return { 1, 2 } end)[2] == 2)", begin)
  }

  /// Calls of a script's function come from Lua, so that it may wait.
  private static let text = """
    local begin, finish = ...
    return function(name, fn)
      local done, value = begin(name, fn)
      if done then return value end
      return finish(name, (fn()))
    end
    """

  /// Puts the function in place of its entry's body.
  static func install(_ session: Session) throws(LuaFailure) {
    let stack = session.core.stack
    stack.pushGlobal("flow")
    stack.push(session.core.register("flow.step", begin))
    stack.push(session.core.register("flow.step", finish))
    try session.core.pushResult(of: text, name: "[cvlua flow]", arguments: 2)
    stack.set(-2, "step")
    stack.pop()
  }

  private static func begin(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let name = call.string(1), !name.isEmpty else {
      throw .argument("flow.step: the first argument must be a name, not \(call.quoted(1))")
    }
    try call.requireFunction(2, "flow.step: the second argument")
    let session = Session.of(call)
    guard session.stepNames.insert(name).inserted else {
      throw .argument("flow.step: the run has a step \"\(name)\" already; give each its own name")
    }
    let (run, place, branch) = (session.run, call.place, Keep(call.branch))
    let losing = Lineage.of(call.branch)?.losesRace ?? false ? Withdrawal() : nil
    return try session.wait(
      call, onCancel: { losing?.withdraw() },
      { () async throws(LuaFailure) -> KeptStep? in
        do throws(RunStop) { return try await run.beginStep(name, place: place, losing: losing) } catch {
          if case .withdrawn = error { throw LuaFailure("cancelled", error.sentence) }
          throw LuaFailure(LuaFailure.unsafe, error.sentence)
        }
      },
      { stack, result in
        stack.push(result != nil)
        guard let result else {
          Session.of(stack).advance(branch.value, to: run.clock.now)
          return 1
        }
        Session.of(stack).advance(branch.value, to: result.ended)
        push(stack, result.result)
        return 2
      })
  }

  private static func finish(_ call: Stack) throws(LuaFailure) -> Reply {
    let name = call.string(1) ?? ""
    var json = JSONWriter()
    do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 2, marksEntities: true, to: &json) } catch {
      throw .argument("flow.step \"\(name)\": its value cannot be kept: \(error.sentence)")
    }
    let (run, bytes) = (Session.of(call).run, json.bytes)
    return try Session.of(call).wait(
      call,
      { () async throws(LuaFailure) -> [UInt8] in
        do throws(RunStop) { try await run.endStep(name, result: bytes) } catch {
          throw LuaFailure(LuaFailure.unsafe, error.sentence)
        }
        return bytes
      },
      { stack, bytes in
        push(stack, bytes)
        return 1
      })
  }

  /// The same value in each life of the run: what came out of JSON.
  private static func push(_ stack: Stack, _ bytes: [UInt8]) {
    if bytes == Array("null".utf8) { return stack.pushNil() }
    bytes.withUnsafeBufferPointer { bytes in
      do { try LuaJSON.push(stack, bytes, knowsEntities: true) } catch { stack.pushNil() }
    }
  }
}
