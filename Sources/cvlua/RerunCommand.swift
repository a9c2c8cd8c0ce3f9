import ArgumentParser
import Console
import Journal
import Simulator
import Terminal
import Workflow

/// `cvlua rerun RUN --failed`: another run of the same script, of what was not good.
struct RerunCommand: Subcommand {
  static let abstract = """
    Runs the script of a run once more, as it was, as a run of its own. With --failed only what was not good is \
    submitted; what was good answers from the journal.
    """

  @Argument(help: "The run's name, or last.")
  var name: String

  @Flag(help: "Submits only what was not good.")
  var failed = false

  @Flag(help: "Submits without asking first.")
  var yes = false

  @Option(help: "How far it is: auto, tty, plain or none.")
  var progress = Progress.Choice.auto

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let store = try journal.open()
    let name = name
    let (history, script, isAlive) = try await UsageError.wrapping { () async throws(JournalError) in
      let history = try await store.history(of: try await RunName.find(name, store))
      return (
        history, try await store.source(history.run.scriptHash), try await store.isAlive(history.run.id)
      )
    }
    await store.close()
    guard history.run.state.isEnd, !isAlive else {
      throw UsageError(
        "run \(history.run.id) did not come to its end: cvlua resume \(history.run.id) takes it up again")
    }
    guard let script, !script.isEmpty else {
      throw UsageError("the script of run \(history.run.id) came from standard input and is not kept")
    }
    var request = RunArguments(resuming: history.run, script: script, RunOptions(history.run.options))
    request.resumes = nil
    request.answered = failed ? Self.good(history.steps) : []
    // What was to go wrong has gone wrong; a rehearsal's clock goes on from where it stopped.
    (request.faults, request.faultsText) = (FaultPlan(), "")
    request.start = history.run.endedAt ?? history.run.startedAt
    request.isAgreed = yes
    request.progress = progress
    if let file = journal.journal { request.journal = .file(file) }
    return await RunCommand(request, output).run()
  }

  /// The submits of targets that were good in the end, with all that came before: a rescue needs its failure.
  private static func good(_ steps: [StepRecord]) -> [StepRecord] {
    var isGood: [TargetKey: Bool] = [:]
    for attempt in steps.compactMap(Workflow.Attempt.init) { isGood[attempt.key] = attempt.isOk }
    return steps.filter { step in Workflow.Attempt(step).map { isGood[$0.key] ?? false } ?? false }
  }
}
