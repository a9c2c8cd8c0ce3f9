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

  @OptionGroup var named: NamedRun

  @Flag(help: "Submits only what was not good.")
  var failed = false

  @Flag(
    help: ArgumentHelp(
      "Runs the script and modules as they are now. Where these ask for something else of what was good, it stops and shows both."
    ))
  var withCurrent = false

  @Flag(help: "Submits without asking first.")
  var yes = false

  @OptionGroup var configuration: RecordedConfiguration

  @Option(help: "How far it is: auto, tty, plain or none.")
  var progress = Progress.Choice.auto

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let found = try await named.find()
    let (store, history) = (found.store, found.history)
    let (script, isAlive) = try await UsageError.wrapping { () async throws(JournalError) in
      (try await store.source(history.run.scriptHash), try await store.isAlive(history.run.id))
    }
    await store.close()
    if isAlive {
      throw UsageError(.runIsAlive(run: history.run.id, holder: history.run.owner.description))
    }
    guard history.run.state.isEnd else {
      throw UsageError(
        "run \(history.run.id) did not come to its end: cvlua resume \(history.run.id) takes it up again")
    }
    guard let script, !script.isEmpty else {
      throw UsageError("the script of run \(history.run.id) came from standard input and is not kept")
    }
    if withCurrent, !history.run.script.hasPrefix("/") {
      throw UsageError(
        "run \(history.run.id) was of no file, so there is none as it is now: leave out --with-current")
    }
    if failed, Self.isAllGood(history) {
      let count = Set(history.steps.compactMap { Workflow.Attempt($0)?.key }).count
      output.line(
        "run \(history.run.id) ended with exit \(history.run.exitCode ?? 0), and \(count == 0 ? "it submitted nothing" : count == 1 ? "the one target that it submitted is good" : "all \(count) targets that it submitted are good"): nothing is run again; cvlua rerun \(history.run.id) runs all of it"
      )
      return 0
    }
    var request = RunArguments(resuming: history.run, script: script, RunOptions(history.run.options))
    request.resumes = nil
    request.reruns = history
    if withCurrent {
      request.usesCurrent = true
      request.steps[request.steps.count - 1] = .file(history.run.script)
    }
    request.answered = failed ? Self.good(history.steps) : []
    // What was to go wrong has gone wrong; a rehearsal's clock goes on from where it stopped.
    (request.faults, request.faultsText) = (FaultPlan(), "")
    request.start = history.run.endedAt ?? history.run.startedAt
    request.isAgreed = yes
    request.progress = progress
    request.configurationFile = try configuration.file(of: history.run)
    if let file = named.journal.journal { request.journal = .file(file) }
    return await RunCommand(request, output).run()
  }

  /// Whether a run has nothing that was not good: by its exit code too, since what was skipped is on no record.
  private static func isAllGood(_ history: RunHistory) -> Bool {
    guard let code = history.run.exitCode, code == 0 || code == 1 else { return false }
    // The code that stands there may be another one's.
    guard !RunOptions(history.run.options).exitMap.values.contains(Int32(code)) else { return false }
    return good(history.steps).count == history.steps.count { $0.kind == .submit }
  }

  /// The submits of targets that were good in the end, with all that came before: a rescue needs its failure.
  private static func good(_ steps: [StepRecord]) -> [StepRecord] {
    let last = Verdict.deciding(steps.lazy.compactMap(Workflow.Attempt.init))
    return steps.filter { step in Workflow.Attempt(step).map { last[$0.key]?.isOk ?? false } ?? false }
  }
}
