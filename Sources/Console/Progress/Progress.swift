public import Clock
internal import Dispatch
internal import Glibc
import Synchronization
public import Terminal
public import Workflow

/// How far a run is, while it goes on: a live view on a terminal, lines elsewhere, and all of it as lines whenever
/// somebody asks, by the key `t` or by SIGUSR1.
public final class Progress: Sendable {
  /// What `--progress` says.
  public enum Choice: String, CaseIterable, Sendable {
    case auto, tty, plain, none
  }

  private enum Mode: Sendable {
    case live, lines, silent
  }

  private struct State {
    var progress = ProgressState()
    var log: ProgressLog
    /// A frame is on its way.
    var isDue = false
    var hasBegun = false
    var hasEnded = false
  }

  /// A frame is drawn so many milliseconds after something changed, so that what changes at once is drawn once.
  private static let delay = 200
  /// How often to look how far jobs are, while somebody watches.
  private static let look = Duration.seconds(15)
  /// Whoever asks how all of it stands gets no more lines than this.
  private static let mostLines = 200

  private let mode: Mode
  private let format: EventLog.Format
  private let output: ErrorOutput
  private let clock: any RunClock
  private let isSimulated: Bool
  private let view: ProgressView
  private let screen: Screen?
  private let state: Mutex<State>

  /// - Parameters:
  ///   - isQuiet: nothing is told unless somebody asks.
  ///   - started: when the run began.
  public init(
    _ choice: Choice, _ format: EventLog.Format, isQuiet: Bool, _ output: ErrorOutput, clock: any RunClock,
    started: Moment, isSimulated: Bool
  ) {
    mode = Self.mode(choice, format, isQuiet, output, isSimulated)
    self.format = format
    self.output = output
    self.clock = clock
    self.isSimulated = isSimulated
    view = ProgressView(started: started, isSimulated: isSimulated) { [output] in output.paint($0, $1) }
    screen = mode == .live ? Screen(output) : nil
    state = Mutex(State(log: ProgressLog(view, from: clock.now)))
    if !isSimulated || mode == .live { SignalWatch.watch(SIGUSR1) { [weak self] in self?.report() } }
    if mode == .lines, !isSimulated { beat() }
  }

  /// A rehearsal is over before anybody could watch it; programs read events, and need no views of them.
  private static func mode(
    _ choice: Choice, _ format: EventLog.Format, _ isQuiet: Bool, _ output: ErrorOutput, _ isSimulated: Bool
  ) -> Mode {
    switch choice {
    case _ where isQuiet: .silent
    case .none: .silent
    case .auto: isSimulated || format == .json ? .silent : output.canMove ? .live : .lines
    case .plain: format == .json ? .silent : .lines
    case .tty: output.canMove ? .live : format == .json ? .silent : .lines
    }
  }

  /// How often to look how far jobs are; nil for seldom.
  public var lookEvery: Duration? { mode == .live ? Self.look : nil }

  /// Takes in what happened. Quick, and on whatever thread.
  public func take(_ event: RunEvent) {
    let now = clock.now
    let isLive = mode == .live
    let (news, isFirst) = state.withLock { state -> ([String], Bool) in
      let item = state.progress.take(event, at: now)
      switch mode {
      case .silent: return ([], false)
      case .lines:
        let beat = isSimulated ? state.log.beat(state.progress, at: now) : nil
        var isEarlier = false
        if case .restored(let attempt) = event { isEarlier = attempt.outcome != nil }
        return (
          [item.flatMap { state.log.line($0, earlierThan: isEarlier ? now : nil) }, beat].compactMap(\.self),
          false
        )
      case .live:
        let isFirst = !state.isDue && !state.hasEnded && !state.progress.items.isEmpty
        if isFirst { state.isDue = true }
        return ([], isFirst)
      }
    }
    for line in news { tell(line, at: now) }
    if isLive, isFirst { screen?.after(milliseconds: Self.delay) { [weak self] in self?.frame() } }
  }

  /// Prints how all of it stands.
  public func report() {
    let now = clock.now
    if format == .json {
      let isSimulated = isSimulated
      return output.line(state.withLock { $0.progress.json(at: now, isSimulated: isSimulated) })
    }
    let lines = state.withLock {
      view.lines($0.progress, columns: .max, rows: Self.mostLines, now: now)
    }
    guard let head = lines.first else { return }
    let time = output.paint(CivilTime(now).time, .dim)
    output.line((["\(time) \(head)"] + lines.dropFirst()).joined(separator: "\n"))
  }

  /// The run is over: the view goes.
  public func end() {
    state.withLock { $0.hasEnded = true }
    screen?.close()
  }

  /// The script reads standard input, or has done so: meanwhile the terminal is the script's.
  public func reading(_ isReading: Bool) { screen?.lend(isReading) }

  // MARK: lines

  private func tell(_ line: String, at now: Moment) {
    output.line("\(output.paint(CivilTime(now).time, .dim)) \(line)")
  }

  private func beat() {
    DispatchQueue.global().asyncAfter(
      deadline: .now() + .milliseconds(Int(ProgressLog.period.inSeconds * 1000))
    ) { [weak self] in
      guard let self else { return }
      let now = clock.now
      let line = state.withLock { $0.hasEnded ? nil : $0.log.beat($0.progress, at: now) }
      if let line { tell(line, at: now) }
      if !state.withLock({ $0.hasEnded }) { beat() }
    }
  }

  // MARK: the view

  /// Draws what there is to see; on the screen's own queue.
  private func frame(isAnew: Bool = false) {
    let isFirst = state.withLock { state -> Bool? in
      state.isDue = false
      if state.hasEnded { return nil }
      defer { state.hasBegun = true }
      return !state.hasBegun
    }
    guard let isFirst else { return }
    if isFirst {
      screen?.open(
        tick: { [weak self] in self?.frame() }, resized: { [weak self] in self?.frame(isAnew: true) },
        asked: { [weak self] in self?.report() })
    }
    screen?.show(isAnew: isAnew) { size in
      let now = clock.now
      // Some lines of what was printed stay in sight.
      let rows = max(1, size.rows - 4)
      return state.withLock { view.lines($0.progress, columns: size.columns, rows: rows, now: now) }
    }
  }
}
