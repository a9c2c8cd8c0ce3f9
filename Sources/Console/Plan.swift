import Clock
import CommandCenterAPI
internal import Synchronization
public import Workflow

/// What a script would submit, in which order and with which payloads: `cvlua plan`.
public final class Plan: Sendable {
  /// One submit as it would go out.
  public struct Entry: Sendable {
    public var attempt: Attempt
    /// JSON in UTF-8.
    public var request: BackupRequest
  }

  private let entries = Mutex<[Entry]>([])

  public init() {}

  /// Takes note of what happens in the rehearsal that the plan is made from.
  public func take(_ event: RunEvent) {
    if case .sending(let attempt, let request) = event {
      entries.withLock { $0.append(Entry(attempt: attempt, request: request)) }
    }
  }

  /// All submits, in the order in which they go out.
  public var submits: [Entry] { entries.withLock { $0 } }

  /// The plan line by line.
  ///
  /// - Parameters:
  ///   - script: what it is a plan of.
  ///   - report: of the rehearsal that it is made from.
  ///   - remarks: what else there is to say of it.
  public func lines(of script: String, _ report: RunReport, _ remarks: [String] = []) -> [String] {
    let submits = submits
    let ends = Dictionary(
      report.attempts.map { ($0.number, $0) }, uniquingKeysWith: { _, later in later })
    var lines = [
      "PLAN of \(script) for the night of \(report.night.weekday) \(report.night.date); nothing is submitted, and times are the simulator's",
      "",
    ]
    for entry in submits {
      let attempt = ends[entry.attempt.number] ?? entry.attempt
      let from = CivilTime(attempt.started).time
      let to = attempt.finished.map { CivilTime($0).time } ?? "…"
      let level = attempt.levelAsked.map { "  \($0)" } ?? ""
      let outcome = attempt.outcome.map { $0 == .completed ? "" : "  (then \($0.rawValue))" } ?? ""
      let place = attempt.place.map { "  \($0)" } ?? ""
      let name = attempt.commcell == "default" ? "" : "\(attempt.commcell): "
      lines.append(
        "  \(from) to \(to)  \(name)\(attempt.workload)  \(attempt.target)\(level)\(outcome)\(place)")
      if !entry.request.pools.isEmpty {
        let pools = entry.request.pools.map { pool in
          "\(pool.name) (\(pool.weight) of \(pool.max))"
        }
        lines.append("    in pool \(pools.joined(separator: ", "))")
      }
      lines.append("    \(String(decoding: entry.request.payload, as: UTF8.self))")
    }
    for attempt in report.attempts where attempt.outcome == .skipped {
      lines.append("  not submitted: \(attempt.workload) \(attempt.target): \(attempt.reason ?? "")")
    }
    let targets = Set(report.attempts.map(\.key)).count
    let last = submits.map(\.attempt.started).max().map { ", the last at \(CivilTime($0).time)" } ?? ""
    lines.append("")
    lines.append(
      "\(submits.count) submit\(submits.count == 1 ? "" : "s") of \(targets) target\(targets == 1 ? "" : "s")\(last); all is over at \(CivilTime(report.finished).time)"
    )
    lines += remarks
    lines.append("if it goes so, exit \(report.conclusion.exitCode): \(report.conclusion.sentence)")
    return lines
  }
}
