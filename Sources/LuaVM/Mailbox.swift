internal import DequeModule
internal import Synchronization

/// Work from other threads for one machine, done on its thread in the order of its arrival.
///
/// Each message holds the run's clock from the moment it is posted until all that it set going has come to
/// rest: nothing on its way to a branch is overtaken by a virtual clock.
public final class Mailbox: Sendable {
  public typealias Message = @Sendable (Core) -> Void

  private struct State {
    var messages = Deque<Message>()
    var isScheduled = false
    var drain: (@Sendable () -> Void)?
    var isFair = false
  }

  private let state = Mutex(State())
  private let executor: ThreadExecutor
  private let hold: @Sendable () -> Void
  private let release: @Sendable () -> Void

  init(
    executor: ThreadExecutor, hold: @escaping @Sendable () -> Void, release: @escaping @Sendable () -> Void
  ) {
    self.executor = executor
    self.hold = hold
    self.release = release
  }

  deinit {
    // What nobody will read holds the clock no longer.
    for _ in 0..<state.withLock({ $0.messages.count }) { release() }
  }

  func setDrain(_ drain: @escaping @Sendable () -> Void) {
    state.withLock { $0.drain = drain }
  }

  /// From now on what arrives meanwhile waits for what the thread has to do besides.
  func becomeFair() { state.withLock { $0.isFair = true } }

  var hasMail: Bool { state.withLock { !$0.messages.isEmpty } }

  /// Leaves a message. From any thread.
  public func post(_ message: @escaping Message) {
    hold()
    let drain = state.withLock { state -> (@Sendable () -> Void)? in
      state.messages.append(message)
      if state.isScheduled { return nil }
      state.isScheduled = true
      return state.drain
    }
    if let drain { executor.run(drain) }
  }

  /// Does what has arrived. On the machine's thread.
  func deliver(to core: Core) {
    var rest = state.withLock { $0.isFair ? $0.messages.count : .max }
    while true {
      if rest == 0, let drain = state.withLock({ $0.messages.isEmpty ? nil : $0.drain }) {
        return executor.run(drain)
      }
      rest -= 1
      let message = state.withLock { state -> Message? in
        guard let message = state.messages.popFirst() else {
          state.isScheduled = false
          return nil
        }
        return message
      }
      guard let message else { return }
      message(core)
      core.drain()
      release()
    }
  }
}
