internal import Dispatch
internal import Glibc
internal import Synchronization

/// Where lines come from that somebody types.
public protocol LineReader: Sendable {
  /// Waits for one line.
  func read(_ prompt: Prompt) async -> Typed
  /// Adds a line to those that the arrow keys bring back. While none is read.
  func remember(_ line: String)
  /// Gives up the line that is being typed. From any thread.
  func interrupt()
}

/// What a prompt shows.
public struct Prompt: Sendable {
  public var text: String
  public var colour: Colour?

  public init(_ text: String, _ colour: Colour? = nil) { (self.text, self.colour) = (text, colour) }
}

/// What came of waiting for a line.
public enum Typed: Equatable, Sendable {
  case line(String)
  /// It was given up: ``LineReader/interrupt()``.
  case interrupted
  /// Nobody will type any more.
  case end
}

/// What a line could go on with, where the key for completion was pressed.
public struct Completion: Equatable, Sendable {
  /// So many characters before the cursor are taken away…
  public var replaced: Int
  /// … and this put in their place.
  public var inserted: String
  /// What there is to choose from; shown where more than one is.
  public var choices: [String]

  public init(replaced: Int = 0, inserted: String = "", choices: [String] = []) {
    (self.replaced, self.inserted, self.choices) = (replaced, inserted, choices)
  }
}

/// Lines of a terminal that cannot move its cursor, or where libedit is not to be had: the terminal itself is
/// all the editor there is.
public final class PlainLineReader: LineReader, @unchecked Sendable {
  // Sendable: `bytes` belongs to the queue.
  private let output: ErrorOutput
  private let wake: Wake
  private let queue = DispatchQueue(label: "prompt")
  private let isInterrupted = Mutex(false)
  private var bytes: [UInt8] = []

  /// Nil where no more files can be opened.
  public init?(_ output: ErrorOutput) {
    guard let wake = Wake() else { return nil }
    self.output = output
    self.wake = wake
  }

  public func read(_ prompt: Prompt) async -> Typed {
    await withCheckedContinuation { continuation in
      queue.async { [self] in continuation.resume(returning: readLine(prompt)) }
    }
  }

  public func remember(_ line: String) {}

  public func interrupt() {
    isInterrupted.withLock { $0 = true }
    wake.up()
  }

  private func readLine(_ prompt: Prompt) -> Typed {
    StandardOutput.flush()
    let text = prompt.colour.map { output.paint(prompt.text, $0) } ?? prompt.text
    _ = Array(text.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    isInterrupted.withLock { $0 = false }
    while true {
      if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
        defer { bytes.removeSubrange(...end) }
        return .line(String(decoding: bytes[..<end], as: UTF8.self))
      }
      var files = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.source, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&files, 2, -1) > 0 || errno == EINTR else { return .end }
      if files[1].revents != 0 {
        wake.clear()
        if isInterrupted.withLock({ $0 }) {
          bytes = []
          output.line("")
          return .interrupted
        }
      }
      guard files[0].revents != 0 else { continue }
      var came = [UInt8](repeating: 0, count: 1 << 16)
      let count = Glibc.read(STDIN_FILENO, &came, came.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        output.line("")
        return .end
      }
      bytes += came[..<count]
    }
  }
}
