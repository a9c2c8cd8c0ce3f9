import Dispatch
internal import Glibc
import LuaVM
import Synchronization
import Terminal

/// Ctrl-C, SIGTERM and a terminal that vanishes: the first interrupts the script, a second leaves at once.
final class Signals: Sendable {
  private struct State {
    var first: Int32?
    var isReading = false
    var hasClosed = false
  }

  private let state = Mutex(State())
  /// Tells what the run came to, and gives the exit code.
  private let close: @Sendable (Int32) -> Int32
  /// How long the script's clean-up may take.
  private static let grace = 60

  /// The signal that came first.
  var first: Int32? { state.withLock { $0.first } }

  /// - Parameters:
  ///   - interrupt: called at the first one.
  ///   - remind: called when the script's clean-up takes its time.
  ///   - close: called where the script does not end within its grace: tells what the run came to, and gives
  ///     the exit code.
  init(
    _ vm: VM, interrupt: @escaping @Sendable () -> Void, remind: @escaping @Sendable () -> Void,
    close: @escaping @Sendable (Int32) -> Int32
  ) {
    self.close = close
    for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        // The handler keeps the source, so that it lasts as long as the process.
        withExtendedLifetime(source) {
          came(
            number,
            {
              vm.interrupt()
              interrupt()
            }, remind)
        }
      }
      // The source brings a handler of its own. Until that is there a signal ends the process, as it should;
      // were it ignored meanwhile, it would be lost.
      let isThere = DispatchSemaphore(value: 0)
      source.setRegistrationHandler { isThere.signal() }
      source.activate()
      isThere.wait()
    }
  }

  /// `nohup` has a run outlive its terminal.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard number == SIGHUP, sigaction(number, nil, &action) == 0 else { return false }
    // Functions of C have an address, and no ==.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Reads what nothing but the end of the process can interrupt.
  func whileReading<Value>(_ read: () -> Value) -> Value {
    let first = state.withLock { state in
      state.isReading = true
      return state.first
    }
    // It came before: nothing would end the reading.
    if let first { _exit(close(first)) }
    defer { state.withLock { $0.isReading = false } }
    return read()
  }

  /// The run tells what it came to: nothing may cut in any more. True for whoever asks first.
  func mayClose() -> Bool {
    state.withLock { state in
      defer { state.hasClosed = true }
      return !state.hasClosed
    }
  }

  private func came(
    _ number: Int32, _ interrupt: () -> Void, _ remind: @escaping @Sendable () -> Void
  ) {
    let (isFirst, isReading) = state.withLock { state in
      defer { state.first = state.first ?? number }
      return (state.first == nil, state.isReading)
    }
    // The kernel and the shell may both tell that the terminal is gone.
    if !isFirst, number == SIGHUP { return }
    if !isFirst {
      ErrorOutput.leaveTerminal()
      _exit(128 + number)
    }
    if isReading { _exit(close(number)) }
    interrupt()
    after(2) { [self] in
      if state.withLock({ !$0.hasClosed }) { remind() }
    }
    after(Self.grace) { [self] in
      if mayClose() { _exit(close(number)) }
    }
  }

  private func after(_ seconds: Int, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: body)
  }
}
