/// What a run tells the time by and sleeps on.
///
/// **Holds.** Whoever is about to do something holds the clock: a branch that runs, a request under way, a
/// result on its way to a branch. Whoever only waits for a time to come holds nothing. A virtual clock jumps
/// to the next deadline when no hold is out; a real one counts nothing.
///
/// The rule for code on a clock: run with a hold of your own; `sleep` and `park` give it back for as long as
/// they wait; whoever wakes you takes one for you first.
public protocol RunClock: Sendable {
  /// The present moment.
  var now: Moment { get }

  /// Takes a hold. Each `hold()` is paired with one `release()`, from any thread.
  func hold()

  /// Gives a hold back.
  func release()

  /// Calls `fire` once, at `deadline` or as soon after it as may be, on any thread.
  ///
  /// The clock takes a hold for `fire` before it calls it; `fire`, or whoever it hands the work to, must
  /// release it. Timers of one deadline fire in the order in which they were scheduled.
  @discardableResult
  func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID

  /// Takes a timer back.
  ///
  /// - Returns: true where the timer had not fired and now never will; false where it has fired.
  @discardableResult
  func cancel(_ timer: TimerID) -> Bool
}

/// Names a timer of one clock.
public struct TimerID: Hashable, Sendable {
  let number: UInt64
}

extension RunClock {
  /// Waits until `deadline`. Called with a hold, which is given back for the length of the sleep.
  ///
  /// - Throws: `CancellationError` where the task was or is cancelled.
  public func sleep(until deadline: Moment) async throws {
    try Task.checkCancellation()
    let sleeper = Sleeper()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        sleeper.start(self, deadline, continuation)
      }
    } onCancel: {
      sleeper.cancel()
    }
    try Task.checkCancellation()
  }

  /// Waits for `duration`. Called with a hold, which is given back for the length of the sleep.
  ///
  /// - Throws: `CancellationError` where the task was or is cancelled.
  public func sleep(for duration: Duration) async throws {
    try await sleep(until: now + duration)
  }

  /// Waits until someone calls the closure that `body` is given. Called with a hold, which is given back
  /// meanwhile; the closure takes a new one for the sleeper. It must be called exactly once.
  public func park<Value: Sendable>(
    _ body: (@escaping @Sendable (Value) -> Void) -> Void
  ) async -> Value {
    await withCheckedContinuation { continuation in
      body { value in
        self.hold()
        continuation.resume(returning: value)
      }
      self.release()
    }
  }
}
