import CommandCenterAPI
import Journal
import Workflow

/// What earlier lives of a run have submitted and this one did not come to.
extension RunCommand {
  /// Why a human has to look, where jobs of theirs may still run; nil for nothing.
  static func unclaimed(_ run: Run) -> String? {
    guard let steps = run.ledger?.unclaimedSubmits.filter({ !$0.state.isEnd }), !steps.isEmpty else {
      return nil
    }
    let names = steps.prefix(3).map(\.key).joined(separator: ", ") + (steps.count > 3 ? ", …" : "")
    return
      "the script did not come to \(steps.count) submit\(steps.count == 1 ? "" : "s") that it made before the run was interrupted (\(names)); nobody watches their jobs"
  }

  /// Whether jobs run on that the run has made, as far as is known.
  static func hasOpenJobs(_ run: Run, _ attempts: [Workflow.Attempt]) -> Bool {
    let open = attempts.contains { [nil, .gaveUp].contains($0.outcome) && !$0.jobIds.isEmpty }
    return open
      || (run.ledger?.unclaimedSubmits ?? []).contains { $0.jobs.contains { $0.endedAt == nil } }
  }

  /// Those that were over, where the script is another one now: a sentence each. None where it did not come to its
  /// end, since it might have come to them.
  static func dropped(_ run: Run, _ ending: Conclusion.Ending) -> [String] {
    guard ending.signal == nil, !ending.scriptFailed, !ending.isUsageError, ending.needsOperator == nil else {
      return []
    }
    let over = (run.ledger?.unclaimedSubmits ?? []).filter(\.state.isEnd)
    return over.sorted { $0.startedAt < $1.startedAt }.compactMap { step in
      guard let attempt = Workflow.Attempt(step) else { return nil }
      let outcome = attempt.outcome?.rawValue.split(separator: "_").joined(separator: " ") ?? "given up"
      let jobs = attempt.jobIds.isEmpty ? "" : ", job \(attempt.jobIds.joined(separator: ", "))"
      return
        "\(attempt.name) (\(outcome)\(jobs)) was over already; the script as it is now did not ask for it"
    }
  }
}
