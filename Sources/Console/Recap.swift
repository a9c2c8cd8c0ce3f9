import Clock
import CommandCenterAPI
public import Terminal
import Workflow

/// The recap that closes a run: what completed, what did not and why, how long, how much.
public struct Recap {
  /// More good targets than this are counted, not listed; those that are not good always are.
  static let mostGood = 40

  private let report: RunReport
  private let output: ErrorOutput

  public init(_ report: RunReport, _ output: ErrorOutput) {
    self.report = report
    self.output = output
  }

  public func print() {
    for line in lines() { output.line(line) }
  }

  /// The same of a session at the prompt, which has no verdict.
  public func printSession() {
    let verdict = verdict()
    for line in lines() where line != verdict { output.line(line) }
  }

  /// The recap line by line.
  func lines() -> [String] {
    var lines = [head()] + report.places.map { "at \(ErrorOutput.oneLine($0))" } + [""]
    let targets = groups()
    let isLong = Verdict.deciding(report.attempts).values.count(where: \.isOk) > Self.mostGood
    let shown =
      isLong ? targets.filter { !($0.count == 1 && $0[0].isOk && $0[0].outcome == .completed) } : targets
    let rows = shown.flatMap { $0.map(row) }
    lines += aligned(rows)
    if isLong { lines.append("  " + counts(of: targets)) }
    lines += ["", total(targets)]
    if let requests = report.requests { lines.append(requests) }
    lines += report.warnings.map { output.paint("warning: \(ErrorOutput.oneLine($0))", .yellow) }
    lines.append(verdict())
    if let way = report.wayOn { lines.append(way) }
    return lines
  }

  // MARK: parts

  private func head() -> String {
    let from = CivilTime(report.started)
    let to = CivilTime(report.finished)
    let days = to.date == from.date ? "" : " (\(to.date))"
    let took = report.finished - report.started
    let length = took < .seconds(1) ? "" : ", " + DurationText.short(took)
    let night =
      "night of \(report.night.weekday) \(report.night.date): \(from.time) to \(to.time)\(days)\(length)"
    guard report.isSimulated else { return night }
    let seed = report.seed.map { ", seed \($0)" } ?? ""
    return output.paint("SIMULATED", .yellow) + " " + night + seed
  }

  /// Attempts by target, in the order of the first submit.
  private func groups() -> [[Attempt]] {
    var order: [TargetKey] = []
    var groups: [TargetKey: [Attempt]] = [:]
    for attempt in report.attempts {
      if groups[attempt.key] == nil { order.append(attempt.key) }
      groups[attempt.key, default: []].append(attempt)
    }
    return order.map { groups[$0] ?? [] }
  }

  private struct Row {
    var state: String
    var colour: Colour
    var cells: [String]
    var reasons: [String]
  }

  private func row(_ attempt: Attempt) -> Row {
    let name =
      attempt.outcome.map { $0.rawValue.split(separator: "_").joined(separator: " ") } ?? "still running"
    let colour: Colour = attempt.isOk ? (attempt.outcome == .warnings ? .yellow : .green) : .red
    var target = ErrorOutput.oneLine(attempt.target)
    if attempt.commcell != "default" { target = "\(attempt.commcell): \(target)" }
    if report.isInvented(attempt) { target += " (invented)" }
    var level = attempt.levelRun ?? attempt.levelAsked ?? ""
    if let asked = attempt.levelAsked, let run = attempt.levelRun, run != asked {
      level = "\(run) (asked \(asked))"
    }
    let length =
      attempt.finished.map { end in
        end > attempt.started && attempt.outcome != .skipped
          ? DurationText.short(end - attempt.started) : ""
      } ?? ""
    let size = attempt.bytes.map { $0 > 0 ? Self.size($0) : "" } ?? ""
    let jobs =
      attempt.jobIds.isEmpty
      ? "" : (attempt.jobIds.count == 1 ? "job " : "jobs ") + attempt.jobIds.joined(separator: ", ")
    return Row(
      state: name, colour: colour, cells: [attempt.workload, target, level, length, size, jobs],
      reasons: [attempt.reason, Self.remark(attempt)].compactMap { $0 })
  }

  /// Where the script's `ok_if` says of an outcome what nobody expects.
  private static func remark(_ attempt: Attempt) -> String? {
    guard let outcome = attempt.outcome, attempt.isOk != outcome.isOkByDefault else { return nil }
    return attempt.isOk
      ? "good all the same: its ok_if names \(outcome.rawValue)"
      : "not good all the same: its ok_if does not name \(outcome.rawValue)"
  }

  /// Lengths and sizes.
  private static let rightAligned = 3...4

  private func aligned(_ rows: [Row]) -> [String] {
    guard let first = rows.first else { return [] }
    let stateWidth = rows.map(\.state.count).max() ?? 0
    let widths = first.cells.indices.map { column in rows.map { $0.cells[column].count }.max() ?? 0 }
    return rows.flatMap { row -> [String] in
      var line = "  " + output.paint(Self.pad(row.state, stateWidth), row.colour)
      for (column, (cell, width)) in zip(row.cells, widths).enumerated() where width > 0 {
        line +=
          "  "
          + (Self.rightAligned.contains(column)
            ? Self.pad("", width - cell.count) + cell : Self.pad(cell, width))
      }
      while line.last == " " { line.removeLast() }
      let margin = "  " + Self.pad("", stateWidth + 2)
      return [line] + row.reasons.map { margin + output.paint(ErrorOutput.oneLine($0), .dim) }
    }
  }

  private func counts(of targets: [[Attempt]]) -> String {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for target in targets where target.count == 1 && target[0].isOk && target[0].outcome == .completed {
      if counts[target[0].workload] == nil { order.append(target[0].workload) }
      counts[target[0].workload, default: 0] += 1
    }
    let parts = order.map { "\(counts[$0] ?? 0) of \($0)" }
    return output.paint("completed", .green) + "  " + parts.joined(separator: ", ")
  }

  private func total(_ targets: [[Attempt]]) -> String {
    let verdict = Verdict(report.attempts)
    let deciding = Verdict.deciding(report.attempts)
    let good = deciding.values.filter(\.isOk)
    let rescued = good.count { last in
      report.attempts.contains { $0.key == last.key && $0.number < last.number && Self.wasBad($0) }
    }
    let skipped = deciding.values.count { !$0.isOk && $0.outcome == .skipped }
    let bad = targets.count - good.count - skipped
    let bytes = bytes()
    var parts = ["\(good.count) good" + (rescued > 0 ? " (\(rescued) rescued)" : "")]
    if bad > 0 { parts.append("\(bad) not good") }
    if skipped > 0 { parts.append("\(skipped) skipped") }
    if verdict.leftOut > 0 {
      parts.append("\(verdict.leftOut) submit\(verdict.leftOut == 1 ? "" : "s") skipped")
    }
    let submits = report.attempts.count { $0.outcome != .skipped && !$0.isAttached }
    let head =
      "\(targets.count) target\(targets.count == 1 ? "" : "s"), \(submits) submit\(submits == 1 ? "" : "s"): "
    return head + parts.joined(separator: ", ") + (bytes > 0 ? " · \(Self.size(bytes))" : "")
  }

  private static func wasBad(_ attempt: Attempt) -> Bool {
    !attempt.isOk && attempt.outcome != nil && attempt.outcome != .skipped
  }

  /// Of what is good, each job once. One that was there before is no doing of this run.
  private func bytes() -> Int64 {
    func jobs(_ attempt: Attempt) -> Set<[String]> { Set(attempt.jobIds.map { [attempt.commcell, $0] }) }
    let own = report.attempts.lazy.filter { !$0.isAttached }.reduce(into: Set()) { $0.formUnion(jobs($1)) }
    var counted: Set<[String]> = []
    var bytes: Int64 = 0
    for attempt in report.attempts where attempt.isOk {
      let jobs = jobs(attempt)
      guard jobs.isSubset(of: own), jobs.isEmpty || !jobs.isSubset(of: counted) else { continue }
      counted.formUnion(jobs)
      bytes += attempt.bytes ?? 0
    }
    return bytes
  }

  private func verdict() -> String {
    let code = report.conclusion.exitCode
    let text = "exit \(code): \(report.conclusion.sentence)"
    return output.paint(text, code == 0 ? .green : code == 1 ? .yellow : .red)
  }

  // MARK: text

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// `12.3 GB`; a thousand bytes are a kB.
  static func size(_ bytes: Int64) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 999.5 && unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    if unit == 0 { return "\(bytes) B" }
    let tenths = Int((value * 10).rounded())
    return value < 99.95
      ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded())) \(units[unit])"
  }
}
