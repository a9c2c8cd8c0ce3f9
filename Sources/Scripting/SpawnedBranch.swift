import LuaVM
import Workflow

/// What flow.spawn gives: a branch that can be joined and cancelled.
final class SpawnedBranch {
  private let branch: Branch
  private var end: BranchEnd?
  private var joiners: [(ticket: Ticket, branch: Branch?)] = []

  init(_ branch: Branch, _ session: Session) {
    self.branch = branch
    session.core.whenEnded(branch) { [unowned session] core, end in
      self.end = end
      // A joiner that has given up meanwhile does not hear of it.
      let isHeard = self.joiners.contains { core.isWaiting($0.ticket) }
      if case .raised(let failure, _) = end, !isHeard, !failure.isEndFromOutside {
        session.unjoined[branch.id] = failure
        if session.isInteractive { session.reportUnjoined() }
      }
      for joiner in self.joiners {
        session.advance(joiner.branch, to: branch)
        Self.deliver(end, to: joiner.ticket, core)
      }
      self.joiners = []
    }
  }

  static let shape = APIShape("branch", .object, "A branch of its own, as flow.spawn gives it.")

  static var entries: [APIEntry] {
    [
      APIEntry(
        "branch:join", "(): any, ...: any", waits: true,
        "Waits until the branch has ended; gives what its function returned, or raises what it raised.",
        example: "local a, b = flow.spawn(function() return 1, 2 end):join()  assert(a + b == 3)"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        let handle = try call.receiver(session.types.branch, "branch:join")
        return try handle.join(call, session)
      },
      APIEntry(
        "branch:cancel", "(reason?: string)",
        """
        Ends the branch: what it waits for raises, its clean-up runs and has a minute. A job that it waited for \
        runs on.
        """,
        example: "local b = flow.spawn(flow.sleep, \"1h\")  b:cancel(\"not needed\")"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        let handle = try call.receiver(session.types.branch, "branch:cancel")
        session.cancel(handle.branch, LuaFailure("cancelled", call.string(2) ?? "cancelled"))
        return .none
      },
    ]
  }

  static func fill(_ stack: Stack) { stack.addMethods(entries.methods) }

  private func join(_ call: Stack, _ session: Session) throws(LuaFailure) -> Reply {
    session.unjoined[branch.id] = nil
    if end != nil { session.advance(call.branch, to: branch) }
    switch end {
    case .returned(let values):
      _ = call.ensure(values.count)
      for value in values { call.push(value) }
      return .values(values.count)
    case .raised(_, let value):
      call.push(value)
      return .raise
    case nil:
      let (ticket, reply) = try call.core.suspend(call, isExternal: false)
      joiners.append((ticket, call.branch))
      return reply
    }
  }

  private static func deliver(_ end: BranchEnd, to ticket: Ticket, _ core: Core) {
    switch end {
    case .returned(let values):
      core.resume(ticket) { stack in
        _ = stack.ensure(values.count)
        for value in values { stack.push(value) }
        return values.count
      }
    case .raised(_, let value):
      core.resume(ticket, raising: value)
    }
  }
}
