import Dispatch
internal import Glibc

/// A question to whoever sits at the terminal.
public enum Question {
  /// Whether there is somebody to ask: standard error shows on a terminal, and one can be read from.
  public static var hasTerminal: Bool {
    guard showsErrors else { return false }
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  /// Asked once: a footer puts a pipe in standard error's place.
  static let showsErrors = isatty(STDERR_FILENO) != 0

  /// Asks, and waits for one line from the terminal, whatever standard input is.
  ///
  /// - Parameter isSecret: what is typed does not show.
  /// - Returns: the line without its end and without the blanks around it; nil where nobody can be asked, or the
  ///   terminal went away.
  public static func ask(_ text: String, isSecret: Bool = false) async -> String? {
    // Reading blocks, which a thread of the runtime's own pool must not.
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: ErrorOutput.withoutFooter { read(text, isSecret) })
      }
    }
  }

  /// - Returns: whether the answer was y or yes; nil where nobody could be asked.
  public static func agrees(_ text: String) async -> Bool? {
    guard let answer = await ask("\(text) [y/N] ")?.lowercased() else { return nil }
    return answer == "y" || answer == "yes"
  }

  private static func read(_ text: String, _ isSecret: Bool) -> String? {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    let mode = TerminalMode(terminal, shows: !isSecret)
    defer { mode.restore() }
    StandardOutput.flush()
    let question = Array(text.utf8)
    guard Glibc.write(terminal, question, question.count) == question.count else { return nil }
    refusal?.clear()
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 65_536 {
      guard waitForKeys(terminal) else {
        _ = Glibc.write(terminal, "\n", 1)
        return nil
      }
      let count = Glibc.read(terminal, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return line.isEmpty ? nil : Self.trimmed(line) }
      if byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    return trimmed(line)
  }

  /// Has whoever is asked now not answer any more. From any thread.
  public static func giveUp() { refusal?.up() }

  private static let refusal = Wake()

  /// False where the answer is given up.
  private static func waitForKeys(_ terminal: Int32) -> Bool {
    guard let refusal else { return true }
    var files = [
      pollfd(fd: terminal, events: Int16(POLLIN), revents: 0),
      pollfd(fd: refusal.source, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&files, 2, -1) < 0, errno == EINTR {}
    return files[1].revents == 0
  }

  private static func trimmed(_ line: [UInt8]) -> String {
    let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
    let start = line.firstIndex { !blanks.contains($0) } ?? line.endIndex
    let end = line.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? start
    return String(decoding: line[start..<end], as: UTF8.self)
  }
}

/// How a terminal takes a line: a prompt that is being edited has it otherwise.
private struct TerminalMode {
  private let terminal: Int32
  private var before = termios()
  private var isChanged = false
  private let shows: Bool

  init(_ terminal: Int32, shows: Bool) {
    self.terminal = terminal
    self.shows = shows
    guard tcgetattr(terminal, &before) == 0 else { return }
    let edits = before.c_lflag & tcflag_t(ICANON) == 0
    guard edits || !shows else { return }
    var mode = before
    mode.c_lflag |= tcflag_t(ICANON | ISIG | ECHO)
    mode.c_iflag |= tcflag_t(ICRNL)
    mode.c_oflag |= tcflag_t(OPOST | ONLCR)
    if !shows { mode.c_lflag &= ~tcflag_t(ECHO) }
    // What was typed before it was asked is no answer.
    isChanged = tcsetattr(terminal, TCSAFLUSH, &mode) == 0
  }

  func restore() {
    guard isChanged else { return }
    var settings = before
    tcsetattr(terminal, TCSAFLUSH, &settings)
    if !shows { _ = Glibc.write(terminal, "\n", 1) }
  }
}
