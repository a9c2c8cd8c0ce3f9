import DequeModule
import LuaVM

/// What flow.semaphore gives: permits, handed out first come, first served.
final class Semaphore {
  private var free: Int
  private var waiting = Deque<Ticket>()

  init(permits: Int) { free = permits }

  static let shape = APIShape("semaphore", .object, "At most so many at a time, as flow.semaphore gives it.")

  static var entries: [APIEntry] {
    [
      APIEntry(
        "semaphore:acquire", "(): permit", waits: true,
        """
        Waits for a permit, first come, first served. Held as `local permit <close>` it goes back at the end of the \
        block, on whatever way out.
        """,
        example: "do local permit <close> = flow.semaphore(2):acquire() end"
      ) { call throws(LuaFailure) in
        let types = Session.of(call).types
        let semaphore = try call.receiver(types.semaphore, "semaphore:acquire")
        if semaphore.free > 0 {
          semaphore.free -= 1
          call.push(Permit(semaphore, call.core), as: types.permit)
          return .values(1)
        }
        let (ticket, reply) = try call.core.suspend(call, isExternal: false)
        semaphore.waiting.append(ticket)
        return reply
      }
    ]
  }

  static func fill(_ stack: Stack) { stack.addMethods(entries.methods) }

  /// A permit came back: the first in the line gets it.
  fileprivate func give(_ core: Core) {
    while let next = waiting.popFirst() {
      // A branch that was cancelled while it waited has left the line.
      guard core.isWaiting(next) else { continue }
      let permit = Permit(self, core)
      core.resume(next) { stack in
        stack.push(permit, as: Session.of(stack).types.permit)
        return 1
      }
      return
    }
    free += 1
  }
}

/// A permit of a semaphore; it goes back when released, closed, or collected.
final class Permit {
  private var semaphore: Semaphore?
  private unowned let core: Core

  init(_ semaphore: Semaphore, _ core: Core) {
    self.semaphore = semaphore
    self.core = core
  }

  deinit { release() }

  func release() {
    guard let semaphore else { return }
    self.semaphore = nil
    semaphore.give(core)
  }

  static let shape = APIShape("permit", .object, "A permit of a semaphore.")

  static var entries: [APIEntry] {
    [
      APIEntry(
        "permit:release", "()",
        "Gives the permit back before the end of its block. A second time does nothing.",
        example: "local s = flow.semaphore(1)  s:acquire():release()  s:acquire():release()"
      ) { call throws(LuaFailure) in
        try call.receiver(Session.of(call).types.permit, "permit:release").release()
        return .none
      }
    ]
  }

  static func fill(_ stack: Stack) { stack.addMethods(entries.methods) }
}
