public import Clock
import CommandCenterAPI
public import Terminal
public import Workflow

/// What happens in a run, as it happens, on standard error: lines for people, or one JSON object a line.
public struct EventLog: Sendable {
  public enum Format: String, CaseIterable, Sendable {
    case text, json
  }

  private let format: Format
  private let output: ErrorOutput
  private let clock: any RunClock
  private let isSimulated: Bool

  public init(_ format: Format, _ output: ErrorOutput, clock: any RunClock, isSimulated: Bool) {
    self.format = format
    self.output = output
    self.clock = clock
    self.isSimulated = isSimulated
  }

  public func tell(_ event: RunEvent) {
    switch format {
    case .text: text(event)
    case .json: json(event)
    }
  }

  // MARK: for people

  private func text(_ event: RunEvent) {
    switch event {
    // What needs a human stands in the recap, by its target.
    case .waiting, .restored, .sending, .submitted, .changed, .finished, .attention: break
    case .outage(_, let name, let reason):
      line("\(Self.called(name)) does not answer, still trying: \(reason)", .yellow)
    case .recovered(_, let name): line("\(Self.called(name)) answers again", .green)
    case .branchFailed(let failure):
      line("error in a branch: \(failure.sentence)", .red)
      if let traceback = failure.traceback { output.line(traceback) }
    case .logged(let logged):
      let fields = logged.fields.map { " \($0.name)=\(Self.quoted($0.value))" }.joined()
      let level = logged.level == .info ? "" : "\(logged.level.rawValue): "
      line(
        level + logged.message + fields,
        logged.level == .error ? .red : logged.level == .warning ? .yellow : nil)
    }
  }

  /// A Command Center by its profile's name; one without a profile has no name that says anything.
  private static func called(_ name: String) -> String {
    ["default", "environment"].contains(name) ? "the Command Center" : name
  }

  /// A value that has spaces, or nothing in it, stands in quotes.
  private static func quoted(_ value: String) -> String {
    value.isEmpty || value.contains(where: \.isWhitespace) ? "\"\(ErrorOutput.oneLine(value))\"" : value
  }

  private func line(_ text: String, _ colour: Colour?) {
    let text = ErrorOutput.plain(text)
    let time = output.paint(CivilTime(clock.now).time, .dim)
    output.line("\(time) \(colour.map { output.paint(text, $0) } ?? text)")
  }

  /// An attempt's outcome as a line of its own, where no recap comes for a while.
  public func finished(_ attempt: Attempt) {
    guard case .text = format else { return }
    let outcome = attempt.outcome?.rawValue.split(separator: "_").joined(separator: " ") ?? ""
    let jobs = attempt.jobIds.isEmpty ? "" : "  job \(attempt.jobIds.joined(separator: ", "))"
    let reason = attempt.isOk ? "" : attempt.reason.map { ": \($0)" } ?? ""
    line(
      ErrorOutput.oneLine("\(outcome)  \(attempt.workload)  \(attempt.target)\(jobs)\(reason)"),
      attempt.isOk ? .green : .red)
  }

  // MARK: for programs

  private func json(_ event: RunEvent) {
    switch event {
    case .waiting, .restored, .sending: break
    case .submitted(let attempt): object("backup.submitted") { Self.write(attempt, to: &$0) }
    case .changed(let attempt, let job):
      object("job.changed") { json in
        json.member("commcell", attempt.commcell)
        json.member("workload", attempt.workload)
        json.member("target", attempt.target)
        json.member("job_id", String(job.jobId))
        json.member("status", job.status.name)
        json.member("percent", job.percentComplete)
        if !job.currentPhaseName.isEmpty { json.member("phase", job.currentPhaseName) }
        if !job.pendingReason.isEmpty { json.member("pending_reason", job.pendingReason) }
      }
    case .finished(let attempt): object("backup.finished") { Self.write(attempt, to: &$0) }
    case .outage(let commcell, _, let reason):
      object("commcell.outage") { json in
        json.member("commcell", commcell)
        json.member("reason", reason)
      }
    case .recovered(let commcell, _): object("commcell.recovered") { $0.member("commcell", commcell) }
    case .branchFailed(let failure):
      object("branch.failed") { json in
        json.member("message", failure.sentence)
        if let traceback = failure.traceback { json.member("traceback", traceback) }
      }
    case .attention(let reason): object("attention") { Self.write(reason, to: &$0) }
    case .logged(let logged):
      object("log") { json in
        json.member("level", logged.level.rawValue)
        json.member("message", logged.message)
        guard !logged.fields.isEmpty else { return }
        json.key("fields")
        json.beginObject()
        for field in logged.fields { json.member(field.name, field.value) }
        json.endObject()
      }
    }
  }

  private func object(_ event: String, _ fill: (inout JSONWriter) -> Void) {
    var json = JSONWriter()
    json.beginObject()
    json.member("event", event)
    json.member("time", clock.now.iso8601)
    if isSimulated { json.member("simulated", true) }
    fill(&json)
    json.endObject()
    output.line(json.text)
  }

  /// The script's error, where it ends the run.
  public func scriptFailed(_ sentence: String, traceback: String?) {
    switch format {
    case .text: output.line("cvlua: \(sentence)" + (traceback.map { "\n\($0)" } ?? ""))
    case .json:
      object("script.failed") { json in
        json.member("message", sentence)
        if let traceback { json.member("traceback", traceback) }
      }
    }
  }

  /// The last line of a run in JSON.
  public func finished(_ report: RunReport) {
    object("run.finished") { json in
      json.member("outcome", report.conclusion.outcome)
      json.member("exit", Int64(report.conclusion.exitCode))
      if let code = report.conclusion.unmapped { json.member("exit_unmapped", Int64(code)) }
      json.member("reason", report.conclusion.sentence)
      json.member("night", report.night.date)
      json.member("started", report.started.iso8601)
      json.member("finished", report.finished.iso8601)
      if let run = report.run {
        json.member("run", run)
        json.member("resumable", report.isResumable)
      }
      if !report.places.isEmpty { json.member("places", report.places) }
      if !report.warnings.isEmpty { json.member("warnings", report.warnings) }
      if !report.attention.isEmpty {
        json.key("attention")
        json.beginArray()
        for reason in report.attention {
          json.beginObject()
          Self.write(reason, to: &json)
          json.endObject()
        }
        json.endArray()
      }
      if let requests = report.requests { json.member("requests", requests) }
      json.key("backups")
      json.beginArray()
      for attempt in report.attempts {
        json.beginObject()
        Self.write(attempt, to: &json)
        if report.isInvented(attempt) { json.member("invented", true) }
        json.endObject()
      }
      json.endArray()
    }
  }

  private static func write(_ reason: AttentionReason, to json: inout JSONWriter) {
    json.member("kind", reason.kind.rawValue)
    if let target = reason.target { json.member("target", target) }
    json.member("message", reason.message)
  }

  private static func write(_ attempt: Attempt, to json: inout JSONWriter) {
    func text(_ name: String, _ value: String?) {
      json.key(name)
      if let value { json.string(value) } else { json.null() }
    }
    func number(_ name: String, _ value: Int64?) {
      json.key(name)
      if let value { json.integer(value) } else { json.null() }
    }
    text("commcell", attempt.commcell)
    text("workload", attempt.workload)
    text("target", attempt.target)
    number("task_id", attempt.taskId)
    json.member("job_ids", attempt.jobIds)
    number("attempt", Int64(attempt.attempt))
    text("level_asked", attempt.levelAsked)
    text("level_run", attempt.levelRun)
    text("outcome", attempt.outcome?.rawValue)
    text("reason", attempt.reason)
    text("started", attempt.started.iso8601)
    text("finished", attempt.finished?.iso8601)
    number("bytes", attempt.bytes)
  }
}
