import Clock
import Terminal
import Workflow

/// How far a run is, as lines: one for each target that stands otherwise, and now and then how all of it stands.
struct ProgressLog: Sendable {
  /// How often all of it is told.
  static let period = Duration.seconds(300)

  private let view: ProgressView
  private var nextBeat: Moment

  init(_ view: ProgressView, from now: Moment) {
    self.view = view
    nextBeat = now + Self.period
  }

  /// The line of a target that stands otherwise; nil where that is not worth one.
  ///
  /// - Parameter now: given where it came to that in an earlier life of the run.
  func line(_ item: ProgressState.Item, earlierThan now: Moment? = nil) -> String? {
    var text = ErrorOutput.oneLine(item.word)
    if let now, let end = item.finished {
      let (end, now) = (CivilTime(end), CivilTime(now))
      text += " earlier (\(end.date == now.date ? "" : "\(end.date) ")\(end.time))"
    }
    switch item.stage {
    // Being sent, or waiting for its turn, as all do.
    case .queued where item.note.isEmpty: return nil
    case .queued, .held: text += item.note.isEmpty ? "" : ": \(ErrorOutput.oneLine(item.note))"
    case .running:
      if item.word == "started", !item.jobs.isEmpty {
        text += ", job\(item.jobs.count == 1 ? "" : "s") \(item.jobs.joined(separator: ", "))"
      }
    case .good, .bad, .skipped:
      let took = item.finished.map { $0 - item.started } ?? .zero
      if took >= .seconds(1), item.stage != .skipped { text += ", \(DurationText.short(took))" }
      if item.bytes > 0 { text += ", \(Recap.size(item.bytes))" }
      if !item.note.isEmpty { text += ": \(ErrorOutput.oneLine(item.note))" }
    }
    let target = (item.commcell == "default" ? "" : "\(item.commcell): ") + item.target
    let level = item.level.isEmpty ? "" : " \(item.level)"
    return ErrorOutput.oneLine("\(item.workload) \(target)\(level): ") + text
  }

  /// How all of it stands, where it is time for that.
  mutating func beat(_ state: ProgressState, at now: Moment) -> String? {
    guard now >= nextBeat else { return nil }
    while nextBeat <= now { nextBeat = nextBeat + Self.period }
    return view.lines(state, columns: .max, rows: 1, now: now).first
  }
}
