import ArgumentParser
import CommandCenterAPI
import Journal
import Terminal
import Workflow

/// `cvlua why RUN`: why a run ended as it did.
struct WhyCommand: Subcommand {
  static let abstract = """
    Says why a run ended as it did: what was not good, in the server's words, and what is open. RUN is the name that \
    cvlua runs shows, or last.
    """

  @OptionGroup var named: NamedRun

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let found = try await named.find()
    let history = found.history
    print("run \(history.run.id): \(RunLine.state(history.run, isAlive: found.isAlive))")
    var last: [TargetKey: (attempt: Workflow.Attempt, step: StepRecord)] = [:]
    for step in history.steps {
      guard let attempt = Workflow.Attempt(step) else { continue }
      // What was never sent changes nothing about what was.
      if attempt.outcome != .skipped || last[attempt.key] == nil { last[attempt.key] = (attempt, step) }
    }
    let bad = last.values.filter { !$0.attempt.isOk }.sorted { $0.step.startedAt < $1.step.startedAt }
    for (attempt, step) in bad {
      let what = attempt.outcome?.rawValue ?? "not over (\(step.state.rawValue))"
      let jobs = attempt.jobIds.isEmpty ? "" : ", job \(attempt.jobIds.joined(separator: ", "))"
      let reason = attempt.reason.map { ": \(ErrorOutput.oneLine($0))" } ?? ""
      print("  \(attempt.workload) \(attempt.target) \(what)\(jobs)\(reason)")
    }
    print("\(last.count - bad.count) of \(last.count) targets that were submitted are good")
    if let way = found.wayOn { print(way) }
    return 0
  }
}
