internal import CEdit
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Reads lines at the terminal, with keys to edit them, a history and completion. What is printed meanwhile
/// comes out above the line: it is the output's footer.
public final class LineEditor: LineReader, Footer, @unchecked Sendable {
  // Sendable: what is not a constant is behind `shared`'s lock, or belongs to whoever has the turn.

  private let output: ErrorOutput
  private let terminal: Int32
  private let complete: @Sendable (String) -> Completion
  private let shared = Mutex(Shared())
  private let wake: Wake
  /// Who may write to the terminal and use libedit: the thread that reads a line, but for the time in which it
  /// waits for a key; then whoever prints, from erasing the line to drawing it.
  private let turn = DispatchSemaphore(value: 1)
  private let queue = DispatchQueue(label: "prompt")

  // Of whoever has the turn.
  private var editor: OpaquePointer?
  private var input = KeyInput()
  private var prompt = Prompt("")
  private var promptBytes: UnsafeMutablePointer<CChar>?
  private var end = Typed.end
  /// Nothing of the line has been read so far.
  private var isFresh = true

  private struct Shared {
    /// The line is on the screen, so many rows above the cursor; nil while it is not.
    var rows: Int?
    var needsDrawing = false
    /// Somebody has taken it off the screen, and has the turn until he draws it.
    var isErased = false
    var isInterrupted = false
    var isSuspended = false
    var isResized = false
    var isReading = false
  }

  /// Nil where libedit is not to be had, or the terminal cannot move its cursor.
  ///
  /// - Parameter complete: called on a thread that may wait for a short while; the text before the cursor.
  public init?(_ output: ErrorOutput, complete: @escaping @Sendable (String) -> Completion) {
    guard output.canMove, isatty(STDIN_FILENO) != 0, let wake = Wake() else { return nil }
    // Not standard error itself: something else takes its place while the line shows.
    terminal = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    self.output = output
    self.complete = complete
    self.wake = wake
    let calls = cve_calls(
      // The editor lasts as long as the process, and so do its calls.
      context: Unmanaged.passUnretained(self).toOpaque(),
      next: { context, character in LineEditor.of(context).next(character!) },
      prompt: { context in LineEditor.of(context).promptText() },
      complete: { context in LineEditor.of(context).completeWord() })
    let locale = cve_enter_utf8()
    defer { cve_leave_utf8(locale) }
    guard terminal >= 0, let opened = cve_open(STDIN_FILENO, terminal, calls) else { return nil }
    editor = opened
    watchSignals()
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> LineEditor {
    // Given to C by `init`.
    Unmanaged<LineEditor>.fromOpaque(context!).takeUnretainedValue()
  }

  // MARK: lines

  /// Waits for one line.
  public func read(_ prompt: Prompt) async -> Typed {
    await withCheckedContinuation { continuation in
      queue.async { [self] in continuation.resume(returning: readLine(prompt)) }
    }
  }

  /// Adds a line to those that the arrow keys bring back. While none is read.
  public func remember(_ line: String) {
    queue.sync {
      let locale = cve_enter_utf8()
      defer { cve_leave_utf8(locale) }
      cve_remember(editor, line)
    }
  }

  /// Gives up the line that is being typed. From any thread.
  public func interrupt() {
    shared.withLock { $0.isInterrupted = $0.isReading }
    wake.up()
  }

  private func readLine(_ prompt: Prompt) -> Typed {
    let locale = cve_enter_utf8()
    defer { cve_leave_utf8(locale) }
    StandardOutput.flush()
    output.setFooter(self)
    turn.wait()
    self.prompt = prompt
    let painted = prompt.colour.map { output.paint(prompt.text, $0) } ?? prompt.text
    // Freed when there is another prompt: libedit reads it in between.
    free(promptBytes)
    promptBytes = strdup(Self.quietly(painted))
    end = .end
    isFresh = true
    shared.withLock {
      $0.needsDrawing = false
      $0.isInterrupted = false
      $0.isReading = true
    }
    write(Self.pasteOn)
    var typed = Typed.end
    if let text = cve_read(editor) {
      var line = String(cString: text)
      if line.hasSuffix("\n") { line.removeLast() }
      typed = .line(line)
    } else {
      typed = end
      if end == .end { leaveLine("") }
    }
    write(Self.pasteOff)
    shared.withLock {
      $0.rows = nil
      $0.needsDrawing = false
      $0.isReading = false
    }
    turn.signal()
    output.setFooter(nil)
    return typed
  }

  /// What paints but moves no cursor, as libedit wants it marked.
  private static func quietly(_ text: String) -> String {
    text.replacingColours { "\u{01}\($0)\u{01}" }
  }

  private func promptText() -> UnsafePointer<CChar>? {
    UnsafePointer(promptBytes)
  }

  // MARK: keys

  /// libedit asks for the next character.
  private func next(_ character: UnsafeMutablePointer<UInt32>) -> Int32 {
    while true {
      switch input.next() {
      // What the terminal would make signals of.
      case .character("\u{03}"):
        leaveLine("^C")
        end = .interrupted
        return 0
      case .character("\u{1A}"): suspend()
      case .character("\u{1C}"): continue
      case .character(let scalar):
        character.pointee = scalar.value
        return 1
      case .pasted(let text):
        erased { _ = cve_replace(editor, 0, text) }
      case .nothing:
        guard waitForKeys() else { return 0 }
      }
    }
  }

  /// Lets others print until there is something to read; false where nothing will be.
  private func waitForKeys() -> Bool {
    shared.withLock { $0.rows = $0.needsDrawing ? nil : rowsAboveCursor() }
    while true {
      turn.signal()
      var files = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wake.source, events: Int16(POLLIN), revents: 0),
      ]
      // A sequence of a key that has begun goes on at once, or never.
      let count = poll(&files, 2, input.isInSequence ? 50 : -1)
      turn.wait()
      let isBroken = count < 0 && errno != EINTR
      if count > 0, files[1].revents != 0 { wake.clear() }
      // Whoever had the turn may have left the line undrawn, and his call may come after a key.
      guard attend(), !isBroken else { return false }
      if count == 0 {
        input.endSequence()
        return true
      }
      guard count > 0 else { continue }
      // Whoever had the turn meanwhile may have read what was there.
      var now = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard files[0].revents != 0, poll(&now, 1, 0) == 1 else { continue }
      defer { isFresh = false }
      return input.read(STDIN_FILENO, isTypedAhead: isFresh)
    }
  }

  /// Does what was asked for from other threads; false where the line is given up.
  private func attend() -> Bool {
    let asked = shared.withLock { shared in
      defer {
        shared.isSuspended = false
        shared.isResized = false
      }
      return shared
    }
    if asked.isInterrupted {
      leaveLine("")
      end = .interrupted
      return false
    }
    if asked.isSuspended { suspend() }
    if asked.isResized { erased { cve_resize(editor) } }
    if shared.withLock({ $0.needsDrawing }) { draws() }
    return true
  }

  /// Stops the process, and goes on with the line when it is continued.
  private func suspend() {
    leaveLine("")
    write(Self.pasteOff)
    cve_prepare(editor, false)
    kill(getpid(), SIGSTOP)
    cve_prepare(editor, true)
    write(Self.pasteOn)
    draws()
  }

  private static let pasteOn = "\u{1B}[?2004h"
  private static let pasteOff = "\u{1B}[?2004l"

  /// Takes the line off the screen, does `body`, and draws it.
  private func erased(_ body: () -> Void) {
    write(eraseText(shared.withLock { $0.rows } ?? rowsAboveCursor()))
    body()
    draws()
  }

  private func draws() {
    cve_redraw(editor)
    let rows = rowsAboveCursor()
    shared.withLock {
      $0.needsDrawing = false
      $0.rows = rows
    }
  }

  /// How many rows of the line stand above the cursor's.
  private func rowsAboveCursor() -> Int { layout().cursor }

  private func layout() -> (cursor: Int, last: Int) {
    var (count, cursor) = (0, 0)
    guard let text = cve_text(editor, &count, &cursor) else { return (0, 0) }
    let columns = Int(cve_columns(editor))
    var layout = LineLayout(columns: columns)
    for scalar in prompt.text.unicodeScalars { layout.add(scalar.value, width: cve_width) }
    var rows = 0
    for index in 0..<count {
      if index == cursor { rows = layout.row }
      layout.add(text[index], width: cve_width)
    }
    if cursor == count { rows = layout.row }
    // A text longer than the screen has its beginning scrolled away.
    let most = max(0, Int(screenRows) - 1)
    return (min(rows, most), min(layout.row, most))
  }

  private var screenRows: UInt16 {
    var size = winsize()
    return ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? size.ws_row : 24
  }

  /// The cursor goes to where the next line begins, and the line stays.
  private func leaveLine(_ mark: String) {
    let rows = layout()
    let down = rows.last - rows.cursor
    write((down > 0 ? "\u{1B}[\(down)B" : "") + "\(mark)\r\n")
  }

  // MARK: completion

  private func completeWord() {
    var (count, cursor) = (0, 0)
    guard let text = cve_text(editor, &count, &cursor) else { return }
    var before = ""
    for index in 0..<cursor { Unicode.Scalar(text[index]).map { before.unicodeScalars.append($0) } }
    let rows = rowsAboveCursor()
    shared.withLock { $0.rows = rows }
    // Whoever is asked may have something to print, which takes the turn.
    turn.signal()
    let completion = complete(before)
    turn.wait()
    let rowsNow = shared.withLock { $0.rows }
    let isChoice = completion.choices.count > 1 && completion.inserted.isEmpty
    write((rowsNow.map(eraseText) ?? "") + (isChoice ? listing(completion.choices) : ""))
    if completion.choices.isEmpty, completion.inserted.isEmpty { write("\u{07}") }
    _ = cve_replace(editor, Int32(completion.replaced), completion.inserted)
    draws()
  }

  private func listing(_ choices: [String]) -> String {
    ChoiceList.text(choices, columns: Int(cve_columns(editor)))
  }

  // MARK: the footer

  public func erase() -> String {
    // Not for ever: a terminal that does not take what is written to it keeps whoever has the turn.
    guard turn.wait(timeout: .now() + .seconds(2)) == .success else { return "" }
    return shared.withLock { shared in
      shared.isErased = true
      defer {
        shared.rows = nil
        shared.needsDrawing = shared.isReading
      }
      return shared.rows.map(eraseText) ?? ""
    }
  }

  /// libedit draws it, on its own thread.
  public func draw() -> String { "" }

  public func wasDrawn() {
    let wasErased = shared.withLock { shared in
      defer { shared.isErased = false }
      return shared.isErased
    }
    if wasErased {
      turn.signal()
      wake.up()
    }
  }

  private func eraseText(_ rows: Int) -> String {
    (rows > 0 ? "\u{1B}[\(rows)A" : "") + "\r\u{1B}[J"
  }

  private func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(terminal, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  // MARK: signals

  /// Another size of the terminal, and Ctrl-Z.
  private func watchSignals() {
    for number in [SIGWINCH, SIGTSTP] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        // The handler keeps the source, so that it lasts as long as the process.
        withExtendedLifetime(source) { came(number) }
      }
      source.activate()
    }
  }

  private func came(_ number: Int32) {
    let isReading = shared.withLock { shared in
      if number == SIGWINCH { shared.isResized = true } else { shared.isSuspended = shared.isReading }
      return shared.isReading
    }
    if isReading { wake.up() } else if number == SIGTSTP { kill(getpid(), SIGSTOP) }
  }
}
