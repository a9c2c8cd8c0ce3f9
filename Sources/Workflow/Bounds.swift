import Clock
internal import Synchronization

/// The bounds that a run keeps: its window, how many submits it may make, and what needs a human.
final class Bounds: Sendable {
  struct State {
    var hours: WindowHours?
    var expectation: Expectation?
    var submits = 0
    var reasons: [AttentionReason] = []
    /// Waits that have been told of: one line for all who wait for the same moment.
    var told: Set<Moment> = []
    var hasToldOver = false
    var hasToldLate = false
    /// The run comes to its end: nothing is submitted any more.
    var isOver = false
  }

  let rules: RunRules
  private let state = Mutex(State())

  init(_ rules: RunRules) { self.rules = rules }

  func with<Value>(_ body: (inout sending State) -> sending Value) -> sending Value {
    state.withLock(body)
  }

  /// Counts a submit; false where there were as many as there may be.
  func takeSubmit() -> Bool {
    state.withLock { state in
      if let most = rules.maxSubmits, state.submits >= most { return false }
      state.submits += 1
      return true
    }
  }

  /// Counts a submit of an earlier life of the run.
  func countSubmit() { state.withLock { $0.submits += 1 } }

  /// It was not sent after all.
  func giveBackSubmit() { state.withLock { $0.submits -= 1 } }
}
