public import Clock
public import Journal

/// Closes a run whose process is gone: its jobs go on at the Command Center, what it had not submitted never will be,
/// and what nobody knows is told.
public struct Recovery: Sendable {
  /// Why a run is closed.
  public enum Cause: Sendable {
    /// Another night begins, and the Command Center has been asked what became of its submits; nil where there is
    /// none to ask.
    case nextRun(Inquiry?)
    /// Somebody has given it up, after these of its jobs were killed or had ended.
    case cancelled(over: Set<Job>)

    fileprivate var clause: String {
      switch self {
      case .nextRun: "closed when the next run began"
      case .cancelled: "given up with cvlua cancel"
      }
    }
  }

  /// What came of closing it.
  public struct Closing: Sendable {
    /// What an operator should know, a sentence each.
    public var remarks: [String] = []
    /// Those of them that need a human.
    public var reasons: [String] = []
  }

  private static let unfinished = "what its script had not come to by then was not done"

  private let store: any JournalStore
  private let run: RunRecord
  private let clock: any RunClock
  private let recipients: [Recipient]

  /// - Parameter recipients: who is told where it needs a human, from the closed run's outbox: in the journal with its
  ///   closing.
  public init(
    _ store: any JournalStore, _ run: RunRecord, _ clock: any RunClock, telling recipients: [Recipient] = []
  ) {
    (self.store, self.run, self.clock, self.recipients) = (store, run, clock, recipients)
  }

  /// - Returns: what an operator should know, a sentence each.
  public func close(_ cause: Cause, by claim: RunClaim) async throws(JournalError) -> Closing {
    let history = try await store.history(of: run.id)
    var (over, findings): (Set<Job>, [String: Inquiry.Finding]) = ([], [:])
    var silence: String?
    switch cause {
    case .nextRun(let inquiry):
      findings = inquiry?.findings ?? [:]
      silence = inquiry == nil ? "the Command Center was not asked" : "the Command Center did not tell"
    case .cancelled(let jobs): over = jobs
    }
    let late = "its run was \(cause.clause)"
    let steps = history.steps.filter { $0.kind == .submit && !$0.state.isEnd }.map { step in
      ClosedStep(step, findings[step.key], silence: silence, over: over, late, at: clock.now)
    }
    var changes = steps.flatMap(\.changes)
    var reasons = steps.filter(\.needsHuman).flatMap(\.remarks)
    // Whatever became of what it had submitted: nobody has been told that the rest of the night never was.
    if case .nextRun = cause { reasons.append(Self.unfinished) }
    if !reasons.isEmpty {
      let notice = Notice(
        run: run.id.description, script: run.script, night: run.night, exit: run.exitCode,
        outcome: "abandoned", sentence: "it did not come to its end and was \(cause.clause)",
        reasons: reasons.map { Notice.Reason(kind: "closed_run", message: $0) })
      for recipient in recipients { changes.append(.message(notice.message(to: recipient, at: clock.now))) }
    }
    changes.append(.run(.abandoned, at: clock.now))
    try await store.write(changes, by: claim)
    let head = "run \(run.id) of this script did not come to its end and is closed now"
    var remarks = steps.flatMap(\.remarks).map { "\(head): \($0)" }
    let good = steps.flatMap(\.goodJobs)
    if !good.isEmpty {
      let names =
        good.prefix(5).joined(separator: ", ") + (good.count > 5 ? " and \(good.count - 5) more" : "")
      remarks.append("\(head): job \(names) ended well")
    }
    if case .nextRun = cause { remarks.append("\(head): \(Self.unfinished)") }
    return Closing(remarks: remarks.isEmpty ? [head] : remarks, reasons: reasons.map { "\(head): \($0)" })
  }
}
