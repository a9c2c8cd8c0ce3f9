internal import Glibc
internal import Synchronization

/// Standard error, which is all of the program's own output: standard output belongs to the script.
///
/// Lines come out whole, and after what the script has printed before them. Where a ``Footer`` stands on the
/// terminal they come out above it, and so does what others write there.
public final class ErrorOutput: Sendable {
  /// Whether colours are wanted: a terminal, unless NO_COLOR or a dumb TERM says otherwise.
  public let hasColour: Bool
  /// Whether it is a terminal on which the cursor can be moved.
  public let canMove: Bool
  private let state = Mutex(State())

  public init() {
    let wantsNone = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let forces = getenv("CLICOLOR_FORCE").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? false
    let isTerminal = Question.showsErrors
    hasColour = forces || (!wantsNone && !isDumb && isTerminal)
    canMove = isTerminal && !isDumb && getenv("TERM").map { $0.pointee != 0 } ?? false
  }

  /// Writes `text` and the end of a line.
  public func line(_ text: String) {
    // The script's prints wait in C's buffer; what was said first is seen first. Not under the lock: the pipe
    // that they may go to is emptied under it.
    StandardOutput.flush()
    state.withLock { $0.write(text + "\n") }
  }

  // MARK: below the lines

  /// Puts `footer` below the lines, in place of what is there; nil takes that away, and all that was written
  /// until then stands on the terminal.
  public func setFooter(_ footer: (any Footer)?) {
    StandardOutput.flush()
    if footer != nil { leaveClean() }
    state.withLock { state in
      state.hide()
      state.footer = footer
      if state.pauses == 0 { state.show { [self] in drain() } }
    }
  }

  /// Leaves the terminal as it was, before a process ends at once: whoever is stuck writing to a terminal that is
  /// stopped is not waited for.
  public static func leaveTerminal() {
    for output in withFooters.withLock({ $0 }) {
      for _ in 1...20 {
        let isDone: Void? = output.state.withLockIfAvailable { state in
          state.hide()
          state.footer = nil
        }
        if isDone != nil { break }
        usleep(10_000)
      }
    }
    Keyboard.giveAllBack()
  }

  /// Changes the footer where it stands.
  ///
  /// - Parameter change: gives what to write, from the footer's own idea of what is there; written only where
  ///   the footer is to be seen. It prints nothing by itself.
  public func redraw(_ change: () -> String) {
    state.withLock { $0.put(Array(change().utf8), isFrame: true) }
  }

  /// Takes the footer away until ``resumeFooter()``, such as for a question.
  public func pauseFooter() {
    StandardOutput.flush()
    state.withLock { state in
      state.hide()
      state.pauses += 1
    }
  }

  public func resumeFooter() {
    state.withLock { state in
      state.pauses -= 1
      if state.pauses == 0 { state.show { [self] in drain() } }
    }
  }

  /// How much the terminal shows.
  public var size: TerminalSize {
    TerminalSize(of: state.withLock { $0.tap?.terminal } ?? STDERR_FILENO)
  }

  /// Writes what others have written so far.
  public func drain() {
    state.withLock { $0.write("") }
  }

  /// Whoever ends the process leaves nothing unsaid: a script may do that by itself.
  private func leaveClean() {
    let isFirst = Self.withFooters.withLock { outputs in
      if outputs.contains(where: { $0 === self }) { return false }
      outputs.append(self)
      return outputs.count == 1
    }
    guard isFirst else { return }
    atexit {
      for output in ErrorOutput.withFooters.withLock({ $0 }) { output.setFooter(nil) }
      Keyboard.giveAllBack()
    }
  }

  /// All that ever had one.
  private static let withFooters = Mutex<[ErrorOutput]>([])

  /// Runs `body` while no footer is on the terminal.
  static func withoutFooter<Value>(_ body: () -> Value) -> Value {
    let outputs = withFooters.withLock { $0 }
    for output in outputs { output.pauseFooter() }
    defer { for output in outputs { output.resumeFooter() } }
    return Keyboard.whileGivenBack(body)
  }
}

extension ErrorOutput {
  private struct State {
    var footer: (any Footer)?
    /// It is on the terminal now.
    var isShown = false
    /// How many have asked that it be away for a while.
    var pauses = 0
    /// Nil until the first footer.
    var tap: Tap?

    mutating func show(_ came: @escaping @Sendable () -> Void) {
      guard let footer, !isShown else { return }
      if tap == nil { tap = Tap(came) }
      isShown = true
      tap?.engage()
      put(Array(footer.draw().utf8), isFrame: true)
      footer.wasDrawn()
    }

    mutating func hide() {
      guard let footer, isShown else { return }
      put(Array(footer.erase().utf8), isFrame: true)
      isShown = false
      let rest = tap?.release() ?? []
      put(rest, isFrame: false)
    }

    /// Writes `text` above the footer, after what has come in by the tap.
    mutating func write(_ text: String) {
      let above = (tap?.take(isWhole: isShown) ?? []) + Array(text.utf8)
      if above.isEmpty { return }
      guard isShown, let footer else { return put(above, isFrame: false) }
      put(Array(footer.erase().utf8) + above + Array(footer.draw().utf8), isFrame: true)
      footer.wasDrawn()
    }

    /// - Parameter isFrame: it moves the cursor, and is seen all at once where the terminal knows how.
    mutating func put(_ bytes: [UInt8], isFrame: Bool) {
      if bytes.isEmpty || (isFrame && !isShown) { return }
      let whole = isFrame ? Array("\u{1B}[?2026h".utf8) + bytes + Array("\u{1B}[?2026l".utf8) : bytes
      let file = isShown ? tap?.terminal ?? STDERR_FILENO : STDERR_FILENO
      guard !Self.write(whole, to: file), isShown else { return }
      // The terminal is gone: others learn of it by themselves.
      isShown = false
      footer = nil
      _ = tap?.release()
    }

    /// False where nobody takes it.
    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
      bytes.withUnsafeBytes { bytes in
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
          let written = Glibc.write(file, start, rest.count)
          if written < 0 {
            if errno == EINTR { continue }
            if errno == EAGAIN {
              // Somebody else has made the terminal so, and it is slow.
              var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
              if poll(&ready, 1, 1000) >= 0 || errno == EINTR { continue }
            }
            return false
          }
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return true
      }
    }
  }
}

extension ErrorOutput {
  /// How wide the terminal is, as far as it is known.
  public static var columns: Int {
    var size = winsize()
    for file in [STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO]
    where ioctl(file, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 { return Int(size.ws_col) }
    return 80
  }

  /// `text` with what would move the cursor, ring or paint made visible: it may come from a server.
  public static func plain(_ text: String) -> String {
    let isHarmless = text.unicodeScalars.allSatisfy {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    if isHarmless { return text }
    return text.unicodeScalars.reduce(into: "") { plain, scalar in
      if scalar != "\n", scalar != "\t", scalar.properties.generalCategory == .control {
        plain += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
  }

  /// The same, on one line.
  public static func oneLine(_ text: String) -> String {
    plain(text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  public func paint(_ text: String, _ colour: Colour) -> String {
    hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The colours that mean something here.
public enum Colour: Int, Sendable {
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
}
