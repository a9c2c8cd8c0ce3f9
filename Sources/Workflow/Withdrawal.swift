internal import Clock
internal import Synchronization

/// Tells a submit that waits to be sent that nobody wants it any more: its branch was cancelled.
public final class Withdrawal: Sendable {
  private struct State {
    var hasHappened = false
    var listener: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  public init() {}

  public var hasHappened: Bool { state.withLock { $0.hasHappened } }

  public func withdraw() {
    let listener = state.withLock { state in
      state.hasHappened = true
      return state.listener.take()
    }
    listener?()
  }

  /// Waits until it happens. Called with a hold on the clock, which is given back meanwhile.
  func happened(_ clock: any RunClock) async {
    let answer = OneAnswer<Bool>(clock)
    whenHappened { answer.give(true) }
    _ = await answer.value()
  }

  /// Calls `body` when it happens; at once where it has. The last one asked is told.
  func whenHappened(_ body: @escaping @Sendable () -> Void) {
    let isNow = state.withLock { state in
      if !state.hasHappened { state.listener = body }
      return state.hasHappened
    }
    if isNow { body() }
  }
}
