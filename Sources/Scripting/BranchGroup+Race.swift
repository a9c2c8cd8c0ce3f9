import Clock
import LuaVM
import Workflow

/// Races, and time-outs, that the journal knows: a run that is taken up again has the winner that it had.
extension BranchGroup {
  /// What the journal calls the winner where time was up first.
  static let timeIsUp = "time"
  /// So long a race that is replayed runs at least.
  private static let leastReplay = Duration.seconds(1)

  func beginOnRecord(_ call: Stack, _ ticket: Ticket) {
    let (run, key, place, clock) = (session.run, Lineage.place(call), call.place, session.clock)
    let what = deadline == nil ? "race" : "timeout"
    let box = Weak(self)
    session.core.expectMail()
    clock.hold()
    Task(executorPreference: session.executor) {
      do throws(RunStop) {
        let race = try await run.beginRace(what, key: key, place: place)
        ticket.mailbox.post { core in
          core.mailCame()
          box.value?.begin(race, core.stack)
        }
      } catch {
        let failure = LuaFailure(LuaFailure.unsafe, error.sentence)
        ticket.mailbox.post { core in core.mailCame() }
        Session.fail(ticket, failure)
      }
      clock.release()
    }
  }

  private func begin(_ race: Race?, _ stack: Stack) {
    guard ticket != nil else { return }
    self.race = race
    startMore(stack)
    guard let race else { return }
    patience = session.clock.now + Self.leastReplay
    if race.winner == Self.timeIsUp {
      ring(after: Self.leastReplay) { $0.timeOut() }
    } else if let deadline, race.winner == nil {
      let left = race.began + deadline - session.clock.now
      ring(after: max(left, race.isReplayed ? Self.leastReplay : .zero)) { $0.timeOut() }
    }
  }

  /// A race has a winner; what `push` pushes is the call's answer. It is written down before the script hears
  /// of it, so that a run that is taken up again goes the same way.
  func win(_ winner: String, _ push: @escaping (Stack) -> Int) {
    guard let ticket, !isDecided else { return }
    guard let race else {
      resume(push)
      return cancelRunning()
    }
    // An earlier life of the run was told otherwise.
    if let known = race.winner, known != winner { return }
    isDecided = true
    if race.winner != nil {
      let left = patience - session.clock.now
      guard left > .zero, winner != Self.timeIsUp else {
        resume(push)
        return cancelRunning()
      }
      let push = Keep(push)
      return ring(after: left) { group in
        group.resume(push.value)
        group.cancelRunning()
      }
    }
    let (run, clock) = (session.run, session.clock)
    let kept = Keep((group: self, push: push))
    session.core.expectMail()
    clock.hold()
    Task(executorPreference: session.executor) {
      do throws(RunStop) {
        try await run.end(race, winner: winner)
        ticket.mailbox.post { core in
          core.mailCame()
          kept.value.group.resume(kept.value.push)
          kept.value.group.cancelRunning()
        }
      } catch {
        let failure = LuaFailure(LuaFailure.unsafe, error.sentence)
        ticket.mailbox.post { core in core.mailCame() }
        Session.fail(ticket, failure)
      }
      clock.release()
    }
  }
}
