internal import Glibc
import Terminal

/// The three streams that every program begins with.
enum StandardStreams {
  /// Opens those that are closed, so that no file of ours takes their place and gets the script's prints.
  static func open() {
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // The lowest free number is this one. What is only written cannot be read, which tells a closed input
      // from an empty one.
      _ = Glibc.open("/dev/null", O_WRONLY)
    }
  }

  /// Writes out what was printed, as the last thing that a process does. What is lost is told, and is no success.
  ///
  /// - Parameter code: what the process would exit with.
  /// - Returns: what it exits with.
  static func finish(_ code: Int32, _ output: ErrorOutput) -> Int32 {
    guard let loss = StandardOutput.loss() else { return code }
    output.line("cvlua: \(loss)")
    return code == 0 ? 74 : code
  }
}
