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
      does not call fn. The value must be one that JSON holds; a step that was interrupted is done again. Backups that \
      fn submits have ended when the step has. What the rest of the run needs, such as flow.defer, flow.spawn and \
      run.skip, is not for fn. What a flow.defer undoes is not for a step either: a run that was stopped has cleaned \
      up, and does not do the step again. Each name may be used once in a run.
      """,
      example: "assert(flow.step(\"list\", function() return { 1, 2 } end)[2] == 2)", begin)
  }

  /// Calls of a script's function come from Lua, so that it may wait.
  private static let text = """
    local begin, settle, finish, leave = ...
    local scope = setmetatable({}, { __close = leave })
    return function(name, fn)
      local done, kept, open = begin(name, fn)
      if done and not open then return kept end
      local inside <close> = scope
      local value = fn()
      while settle() do end
      if done then return kept end
      return finish(name, value)
    end
    """

  /// Puts the function in place of its entry's body.
  static func install(_ session: Session) throws(LuaFailure) {
    let stack = session.core.stack
    stack.pushGlobal("flow")
    stack.push(session.core.register("flow.step", begin))
    stack.push(session.core.register("flow.step", settle))
    stack.push(session.core.register("flow.step", finish))
    stack.push(session.core.register("flow.step", leave))
    try session.core.pushResult(of: text, name: "[cvlua flow]", arguments: 4)
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
    let scope = StepScope.key(of: name, in: call.branch)
    let losing = Lineage.of(call.branch)?.losesRace ?? false ? Withdrawal() : nil
    return try session.wait(
      call, onCancel: { losing?.withdraw() },
      { () async throws(LuaFailure) -> KeptStep? in
        do throws(RunStop) {
          return try await run.beginStep(name, scope: scope, place: place, losing: losing)
        } catch {
          if case .withdrawn = error { throw LuaFailure("cancelled", error.sentence) }
          throw LuaFailure(LuaFailure.unsafe, error.sentence)
        }
      },
      { stack, result in
        if let branch = branch.value {
          // Whether its function is called or not: what comes after it draws the same numbers.
          let scope = StepScope(name, of: branch, stack.core)
          if let result, !result.isOpen { scope.end(of: branch) }
        }
        stack.push(result != nil)
        guard let result else {
          Session.of(stack).advance(branch.value, to: run.clock.now)
          return 1
        }
        if !result.isOpen { Session.of(stack).advance(branch.value, to: result.ended) }
        push(stack, result.result)
        stack.push(result.isOpen)
        return 3
      })
  }

  /// Waits until one more of the backups that were asked for within the step has ended; false where all have.
  private static func settle(_ call: Stack) throws(LuaFailure) -> Reply {
    guard let scope = Lineage.of(call.branch)?.step?.key,
      let backup = Session.of(call).run.openBackup(within: scope)
    else {
      call.push(false)
      return .values(1)
    }
    let (ticket, reply) = try call.core.suspend(call, isExternal: true)
    backup.whenFinished { _ in
      ticket.resolve { stack in
        stack.push(true)
        return 1
      }
    }
    return reply
  }

  /// The step's function has come to its end, on whatever way out.
  private static func leave(_ call: Stack) throws(LuaFailure) -> Reply {
    if let branch = call.branch, let lineage = Lineage.of(branch), lineage.runsStep {
      lineage.step?.end(of: branch)
    }
    return .none
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
