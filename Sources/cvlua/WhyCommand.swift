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

  @Argument(help: "The run's name, or last.")
  var name: String

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let store = try journal.open()
    let name = name
    let history = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.history(of: try await RunName.find(name, store))
    }
    let isAlive = (try? await store.isAlive(history.run.id)) ?? false
    print("run \(history.run.id): \(RunLine.state(history.run, isAlive: isAlive))")
    var last: [TargetKey: (attempt: Workflow.Attempt, step: StepRecord)] = [:]
    for step in history.steps {
      if let attempt = Workflow.Attempt(step) { last[attempt.key] = (attempt, step) }
    }
    let bad = last.values.filter { !$0.attempt.isOk }.sorted { $0.step.startedAt < $1.step.startedAt }
    for (attempt, step) in bad {
      let what = attempt.outcome?.rawValue ?? "not over (\(step.state.rawValue))"
      let jobs = attempt.jobIds.isEmpty ? "" : ", job \(attempt.jobIds.joined(separator: ", "))"
      let reason = attempt.reason.map { ": \(ErrorOutput.oneLine($0))" } ?? ""
      print("  \(attempt.workload) \(attempt.target) \(what)\(jobs)\(reason)")
    }
    print("\(last.count - bad.count) of \(last.count) targets that were submitted are good")
    if !isAlive, !history.run.state.isEnd { print("cvlua resume \(history.run.id) takes it up again") }
    return 0
  }
}
