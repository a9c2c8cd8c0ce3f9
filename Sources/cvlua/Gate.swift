import Clock
import Synchronization

/// One question that many branches wait for the answer of; it is asked once.
final class Gate<Answer: Sendable>: Sendable {
  private enum State {
    case closed
    case asking([@Sendable (Answer) -> Void])
    case answered(Answer)
  }

  private let clock: any RunClock
  /// Whether an answer holds from then on; else the next one asks again.
  private let isFinal: @Sendable (Answer) -> Bool
  private let state = Mutex(State.closed)

  init(_ clock: any RunClock, isFinal: @escaping @Sendable (Answer) -> Bool = { _ in true }) {
    self.clock = clock
    self.isFinal = isFinal
  }

  /// The answer; whoever comes first gets it by `ask`. Called with a hold on the clock.
  func answer(_ ask: @escaping @Sendable () async -> Answer) async -> Answer {
    await clock.park { resume in
      let (known, isFirst) = state.withLock { state -> (Answer?, Bool) in
        switch state {
        case .closed:
          state = .asking([resume])
          return (nil, true)
        case .asking(let others):
          state = .asking(others + [resume])
          return (nil, false)
        case .answered(let answer): return (answer, false)
        }
      }
      if let known { resume(known) }
      if isFirst {
        Task { [self] in
          let answer = await ask()
          let waiting = state.withLock { state -> [@Sendable (Answer) -> Void] in
            defer { state = isFinal(answer) ? .answered(answer) : .closed }
            if case .asking(let waiting) = state { return waiting }
            return []
          }
          for resume in waiting { resume(answer) }
        }
      }
    }
  }
}
