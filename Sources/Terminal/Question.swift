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
    var settings = termios()
    let hides = isSecret && tcgetattr(terminal, &settings) == 0
    if hides {
      var silent = settings
      silent.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(terminal, TCSAFLUSH, &silent)
    }
    defer {
      if hides {
        tcsetattr(terminal, TCSAFLUSH, &settings)
        _ = Glibc.write(terminal, "\n", 1)
      }
    }
    fflush(nil)
    let question = Array(text.utf8)
    guard Glibc.write(terminal, question, question.count) == question.count else { return nil }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count < 65_536 {
      let count = Glibc.read(terminal, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return line.isEmpty ? nil : Self.trimmed(line) }
      if byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    return trimmed(line)
  }

  private static func trimmed(_ line: [UInt8]) -> String {
    let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
    let start = line.firstIndex { !blanks.contains($0) } ?? line.endIndex
    let end = line.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? start
    return String(decoding: line[start..<end], as: UTF8.self)
  }
}
