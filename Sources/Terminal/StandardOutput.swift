// C's stdout is a variable, which nobody here sets.
@preconcurrency internal import Glibc
internal import Synchronization

/// What the script and the program print. It waits in C's buffer, and whoever prints does not learn whether it went
/// out.
public enum StandardOutput {
  /// Why some of it was lost, where that is known.
  private static let reason = Mutex<Int32?>(nil)

  /// Writes out what waits.
  static func flush() {
    guard fflush(nil) != 0 else { return }
    let number = errno
    if ferror(stdout) != 0 { reason.withLock { $0 = $0 ?? number } }
  }

  /// Writes out what waits, and tells what became of all that was printed.
  ///
  /// - Returns: nil where nothing was lost, or where whoever read it has gone away and wants no more; else a sentence
  ///   without its full stop.
  public static func loss() -> String? {
    flush()
    guard ferror(stdout) != 0, !readerIsGone else { return nil }
    // Lua's print writes out by itself, and keeps no reason.
    let why = reason.withLock { $0 }.map { ": \(String(cString: strerror($0)))" } ?? "; is its disk full?"
    return "standard output could not be written, and some of what was printed is lost\(why)"
  }

  private static var readerIsGone: Bool {
    if reason.withLock({ $0 }) == EPIPE { return true }
    var file = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&file, 1, 0) > 0 && Int32(file.revents) & (POLLERR | POLLHUP) != 0
  }
}
