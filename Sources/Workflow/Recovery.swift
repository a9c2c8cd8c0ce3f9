public import Clock
public import Journal

/// Closes a run whose process is gone: its jobs go on at the Command Center, what it had not submitted never will be,
/// and what nobody knows is told.
public struct Recovery: Sendable {
  /// Why a run is closed.
  public enum Cause: Sendable {
    /// Another night begins.
    case nextRun
    /// Somebody has given it up, after these of its jobs were killed or had ended.
    case cancelled(over: Set<Job>)

    fileprivate var clause: String {
      switch self {
      case .nextRun: "closed when the next run began"
      case .cancelled: "given up with cvlua cancel"
      }
    }
  }

  private let store: any JournalStore
  private let run: RunRecord
  private let clock: any RunClock
  private let recipients: [Recipient]

  /// - Parameter recipients: who is told of it, from the closed run's outbox: in the journal with its closing.
  public init(
    _ store: any JournalStore, _ run: RunRecord, _ clock: any RunClock, telling recipients: [Recipient] = []
  ) {
    (self.store, self.run, self.clock, self.recipients) = (store, run, clock, recipients)
  }

  /// - Returns: what an operator should know, a sentence each.
  public func close() async throws(JournalError) -> [String] {
    let claim = try await store.claim(run.id)
    defer { claim.release() }
    return try await close(.nextRun, by: claim)
  }

  /// - Returns: what an operator should know, a sentence each.
  public func close(_ cause: Cause, by claim: RunClaim) async throws(JournalError) -> [String] {
    let history = try await store.history(of: run.id)
    var over: Set<Job> = []
    if case .cancelled(let jobs) = cause { over = jobs }
    var remarks: [String] = []
    var changes: [Change] = []
    for step in history.steps where step.kind == .submit && !step.state.isEnd {
      let open = step.jobs.filter { $0.endedAt == nil && !over.contains($0.job) }.map(\.job.id)
      if step.state != .submitted, step.jobs.isEmpty {
        remarks.append(
          "\(step.key): it is not known whether it was submitted; look for a job whose description ends in \"\(step.attempt?.token ?? "")\""
        )
      } else if step.state != .submitted, let note = step.note {
        remarks.append("\(step.key): \(note)")
      }
      if !open.isEmpty {
        remarks.append("\(step.key): job \(open.joined(separator: ", ")) was left running")
      }
      let killed = step.jobs.filter { $0.endedAt == nil && over.contains($0.job) }.map(\.job.id)
      let kill = killed.isEmpty ? "" : ", which killed job \(killed.joined(separator: ", "))"
      changes.append(
        .settle(step: step.key, .abandoned, note: "its run was \(cause.clause)\(kill)", at: clock.now))
    }
    let sentence = "it did not come to its end and was \(cause.clause)"
    let notice = Notice(
      run: run.id.description, script: run.script, night: run.night, exit: run.exitCode, outcome: "abandoned",
      sentence: sentence, reasons: remarks.map { Notice.Reason(kind: "closed_run", message: $0) })
    for recipient in recipients { changes.append(.message(notice.message(to: recipient, at: clock.now))) }
    changes.append(.run(.abandoned, at: clock.now))
    try await store.write(changes, by: claim)
    let head = "run \(run.id) of this script did not come to its end and is closed now"
    return remarks.isEmpty ? [head] : remarks.map { "\(head): \($0)" }
  }
}
