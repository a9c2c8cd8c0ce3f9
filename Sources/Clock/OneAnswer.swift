internal import Synchronization

/// One value that somebody gives and somebody else waits for, in whichever order they come.
public final class OneAnswer<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(@Sendable (Value) -> Void)
    case given(Value)
  }

  private let clock: any RunClock
  private let state = Mutex(State.empty)

  public init(_ clock: any RunClock) { self.clock = clock }

  /// Gives the value; the first one counts.
  public func give(_ value: Value) {
    let resume = state.withLock { state -> (@Sendable (Value) -> Void)? in
      switch state {
      case .empty:
        state = .given(value)
        return nil
      case .awaited(let resume):
        state = .given(value)
        return resume
      case .given: return nil
      }
    }
    resume?(value)
  }

  /// Waits for the value; one waiter only. Called with a hold, which is given back meanwhile.
  public func value() async -> Value {
    await clock.park { resume in
      let given = state.withLock { state -> Value? in
        if case .given(let value) = state { return value }
        state = .awaited(resume)
        return nil
      }
      if let given { resume(given) }
    }
  }
}
