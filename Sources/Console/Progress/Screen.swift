internal import Dispatch
internal import Glibc
import Synchronization
import Terminal

/// The live view's part of the terminal: when it is drawn, and what happens to the terminal meanwhile.
final class Screen: Sendable {
  private struct State {
    var size: TerminalSize
    var hasClosed = false
    /// Others have the terminal: the process is in the background, or stopped.
    var isAway = false
    /// The script has the terminal.
    var isLent = false
    var timer: (any DispatchSourceTimer)?
    var keyboard: Keyboard?
  }

  private let output: ErrorOutput
  private let lines = LiveLines()
  /// All that draws does so here, one after the other.
  private let queue = DispatchQueue(label: "progress")
  private let state: Mutex<State>

  init(_ output: ErrorOutput) {
    self.output = output
    state = Mutex(State(size: output.size))
  }

  var keyboard: Keyboard? { state.withLock { $0.keyboard } }

  func after(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
    queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: body)
  }

  /// - Parameters:
  ///   - tick: called every second.
  ///   - resized: called when the terminal has become another.
  ///   - asked: called when somebody presses `t`.
  func open(
    tick: @escaping @Sendable () -> Void, resized: @escaping @Sendable () -> Void,
    asked: @escaping @Sendable () -> Void
  ) {
    let keyboard = Keyboard { if $0 == "t" { asked() } }
    state.withLock { state in
      let timer = DispatchSource.makeTimerSource(queue: queue)
      timer.schedule(deadline: .now() + 1, repeating: 1, leeway: .milliseconds(100))
      timer.setEventHandler(handler: tick)
      timer.activate()
      state.timer = timer
      state.keyboard = keyboard
      state.isAway = !(keyboard?.isInFront ?? true)
      if state.isAway { output.pauseFooter() }
    }
    if !state.withLock({ $0.isLent }) { keyboard?.take() }
    output.setFooter(lines)
    SignalWatch.watch(SIGWINCH) { [self] in
      queue.async { [self] in
        state.withLock { $0.size = output.size }
        resized()
      }
    }
    SignalWatch.watch(SIGTSTP) { [self] in
      // The shell gets its terminal back as it was; when it lets us go on, all comes back.
      queue.sync {
        leave()
        // By this thread, which stops before anything else is drawn.
        _ = raise(SIGSTOP)
      }
      queue.async { [self] in
        state.withLock { $0.size = output.size }
        resized()
      }
    }
    SignalWatch.watch(SIGCONT) { [queue] in queue.async(execute: resized) }
  }

  /// Shows what `draw` gives for the terminal's size.
  func show(isAnew: Bool, _ draw: (TerminalSize) -> [String]) {
    guard comeBack() else { return }
    let new = draw(state.withLock { $0.size })
    output.redraw { lines.change(to: new, isAnew: isAnew) }
  }

  /// Others have the terminal for a while, or had it.
  func lend(_ isLent: Bool) {
    queue.sync {
      let keyboard = state.withLock { state -> Keyboard? in
        state.isLent = isLent
        return state.keyboard
      }
      if isLent {
        keyboard?.giveBack()
        output.pauseFooter()
      } else {
        output.resumeFooter()
        keyboard?.take()
      }
    }
  }

  /// The view goes for good.
  func close() {
    queue.sync {
      let (keyboard, isAway) = state.withLock { state in
        state.hasClosed = true
        state.timer?.cancel()
        return (state.keyboard, state.isAway)
      }
      output.setFooter(nil)
      if isAway { output.resumeFooter() }
      keyboard?.giveBack()
    }
  }

  // MARK: in the background

  private func leave() {
    let isNew = state.withLock { state in
      defer { state.isAway = true }
      return !state.isAway && !state.hasClosed
    }
    if isNew { output.pauseFooter() }
    keyboard?.giveBack()
  }

  /// - Returns: false where the terminal is somebody else's still.
  private func comeBack() -> Bool {
    let (keyboard, isAway, isOthers) = state.withLock {
      ($0.keyboard, $0.isAway, $0.hasClosed || $0.isLent)
    }
    if isOthers { return false }
    guard keyboard?.isInFront ?? true else {
      leave()
      return false
    }
    keyboard?.take()
    guard isAway else { return true }
    state.withLock { $0.isAway = false }
    output.resumeFooter()
    return true
  }
}
