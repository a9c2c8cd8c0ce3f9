import Synchronization

/// One task's sleep, which its deadline or its cancellation ends, whichever comes first.
final class Sleeper: Sendable {
  private enum State {
    case new
    case cancelledBeforeStart
    case asleep(any RunClock, TimerID, CheckedContinuation<Void, Never>)
    case done
  }

  private let state = Mutex(State.new)

  /// Goes to sleep and gives the caller's hold back; whoever wakes the sleeper takes one for it.
  func start(_ clock: any RunClock, _ deadline: Moment, _ continuation: CheckedContinuation<Void, Never>) {
    let asleep = state.withLock { state -> Bool in
      guard case .new = state else { return false }
      // Scheduled under the lock: a timer that fires at once waits here until the state is in place.
      let timer = clock.schedule(at: deadline) { [self] in wake() }
      state = .asleep(clock, timer, continuation)
      return true
    }
    if asleep {
      clock.release()
    } else {
      continuation.resume()
    }
  }

  /// The deadline has come; the clock holds on behalf of the sleeper.
  private func wake() {
    let woken = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard case .asleep(_, _, let continuation) = state else { return nil }
      state = .done
      return continuation
    }
    woken?.resume()
  }

  func cancel() {
    let woken = state.withLock { state -> CheckedContinuation<Void, Never>? in
      switch state {
      case .new:
        state = .cancelledBeforeStart
        return nil
      case .asleep(let clock, let timer, let continuation):
        // A timer that has fired already brings its own hold and resumes by itself.
        guard clock.cancel(timer) else { return nil }
        clock.hold()
        state = .done
        return continuation
      case .cancelledBeforeStart, .done:
        return nil
      }
    }
    woken?.resume()
  }
}
