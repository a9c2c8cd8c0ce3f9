internal import Dispatch
internal import Glibc
internal import Synchronization

/// The keys of the terminal while something live stands on it: they do not show, and each is told at once.
///
/// A process in the background leaves them to whoever is in front.
public final class Keyboard: Sendable {
  fileprivate struct State {
    /// How the terminal was; nil while it is as others want it.
    var before: termios?
    var isGivenUp = false
    /// How many others use the terminal for a while.
    var loans = 0
    var source: (any DispatchSourceRead)?
  }

  /// The terminal that shows standard error, by a number of our own.
  private let terminal: Int32
  /// Whether standard input is that terminal.
  private let canRead: Bool
  private let pressed: @Sendable (Character) -> Void
  private let state = Mutex(State())

  /// Nil where there is no terminal.
  ///
  /// - Parameter pressed: called with each key.
  public init?(_ pressed: @escaping @Sendable (Character) -> Void) {
    var (input, output) = (stat(), stat())
    guard isatty(STDERR_FILENO) != 0, fstat(STDERR_FILENO, &output) == 0 else { return nil }
    terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard terminal >= 0 else { return nil }
    canRead =
      isatty(STDIN_FILENO) != 0 && fstat(STDIN_FILENO, &input) == 0 && input.st_rdev == output.st_rdev
    self.pressed = pressed
    Self.all.withLock { $0.append(self) }
  }

  private static let all = Mutex<[Keyboard]>([])

  /// Gives back what was ever taken: the process ends.
  static func giveAllBack() {
    for keyboard in all.withLock({ $0 }) { keyboard.giveBack() }
  }

  /// Has `body` use the terminal as it was.
  static func whileGivenBack<Value>(_ body: () -> Value) -> Value {
    let keyboards = all.withLock { $0 }
    for keyboard in keyboards { keyboard.lend() }
    defer { for keyboard in keyboards { keyboard.unlend() } }
    return body()
  }

  /// Gives the keys back until ``unlend()``.
  public func lend() {
    state.withLock { state in
      state.loans += 1
      state.giveBack(terminal, isInFront)
    }
  }

  /// They may be taken again.
  public func unlend() { state.withLock { $0.loans -= 1 } }

  /// Whether the terminal is this process's to write to and to read: it is not, in the background.
  public var isInFront: Bool {
    let group = tcgetpgrp(terminal)
    return group < 0 || group == getpgrp()
  }

  /// Takes the keys, where the process is in front.
  public func take() {
    guard isInFront else { return }
    state.withLock { state in
      var settings = termios()
      guard state.before == nil, !state.isGivenUp, state.loans == 0, tcgetattr(terminal, &settings) == 0
      else { return }
      state.before = settings
      // Ctrl-C and its like stay what they are.
      settings.c_lflag &= ~tcflag_t(canRead ? ECHO | ICANON : ECHO)
      tcsetattr(terminal, TCSANOW, &settings)
      guard canRead else { return }
      let source = DispatchSource.makeReadSource(
        fileDescriptor: STDIN_FILENO, queue: DispatchQueue(label: "keyboard"))
      source.setEventHandler { [weak self] in self?.read() }
      source.activate()
      state.source = source
    }
  }

  /// Has the terminal be as it was.
  public func giveBack() {
    state.withLock { $0.giveBack(terminal, isInFront) }
  }

  /// The same, for good: the terminal is gone.
  private func giveUp() {
    state.withLock { state in
      state.giveBack(terminal, isInFront)
      state.isGivenUp = true
    }
  }

  private func read() {
    var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    var byte: UInt8 = 0
    // A source that is cancelled may fire once more: what is typed then is somebody else's.
    let count = state.withLock { state -> Int? in
      guard state.source != nil, state.loans == 0, isInFront, poll(&ready, 1, 0) > 0 else { return nil }
      return Glibc.read(STDIN_FILENO, &byte, 1)
    }
    guard let count else { return }
    guard count == 1 else {
      // The terminal is gone.
      return giveUp()
    }
    pressed(Character(Unicode.Scalar(byte)))
  }
}

extension Keyboard.State {
  fileprivate mutating func giveBack(_ terminal: Int32, _ isInFront: Bool) {
    source?.cancel()
    source = nil
    guard var settings = before else { return }
    before = nil
    // In the background it has other settings already, and asking would stop the process.
    if isInFront { tcsetattr(terminal, TCSANOW, &settings) }
  }
}
