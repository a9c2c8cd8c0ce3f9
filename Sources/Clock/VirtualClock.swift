import Synchronization

/// A clock that stands still while anyone holds it, and jumps to the next deadline when nobody does.
///
/// Timers fire strictly one after the other, each only when all that the one before set going has come to
/// rest: what happens on this clock happens in the same order every time.
public final class VirtualClock: RunClock {
  private struct State {
    var now: Moment
    var holds = 0
    var timers = TimerQueue()
    var isAdvancing = false
  }

  private let state: Mutex<State>

  /// - Parameter start: the first moment of the clock. It starts without a hold: take one before the first
  ///   `schedule`, or the timer fires at once.
  public init(start: Moment) {
    state = Mutex(State(now: start))
  }

  public var now: Moment {
    state.withLock { $0.now }
  }

  public func hold() {
    state.withLock { $0.holds += 1 }
  }

  public func release() {
    state.withLock { state in
      precondition(state.holds > 0, "a hold was given back that nobody had taken")
      state.holds -= 1
    }
    advance()
  }

  @discardableResult
  public func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    let timer = state.withLock { $0.timers.insert(at: deadline, fire) }
    advance()
    return timer
  }

  @discardableResult
  public func cancel(_ timer: TimerID) -> Bool {
    state.withLock { $0.timers.remove(timer) }
  }

  /// Fires timers for as long as nobody holds the clock. One caller at a time advances: a timer that comes
  /// to rest before its `fire` returns is followed by the next one here, not deeper down the stack.
  private func advance() {
    var isMine = false
    while true {
      let fire = state.withLock { state -> (@Sendable () -> Void)? in
        if state.isAdvancing && !isMine { return nil }
        guard state.holds == 0, let timer = state.timers.popFirst(notAfter: .distantFuture) else {
          state.isAdvancing = false
          return nil
        }
        state.isAdvancing = true
        isMine = true
        state.now = max(state.now, timer.deadline)
        state.holds = 1
        return timer.fire
      }
      guard let fire else { return }
      fire()
    }
  }
}
