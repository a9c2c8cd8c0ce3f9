import ArgumentParser
import Console
import Clock
import Journal
import Simulator
import SimulatorServer
import Terminal
import Workflow

/// `cvlua resume RUN`: takes a run up where it was interrupted.
struct ResumeCommand: Subcommand {
  static let abstract = """
    Takes a run up again whose process is gone, with the script as it was: finished steps answer from the \
    journal, jobs that run are waited for, a submit whose answer never came is looked for before anything is \
    sent again. RUN is the name that cvlua runs shows, or last.
    """

  @Argument(help: RunName.help)
  var name: String?

  @Flag(help: "Takes up every run that waits for it, one after the other, the oldest first.")
  var all = false

  @Flag(help: "The run that began last, as the name last does.")
  var last = false

  @Flag(
    help: ArgumentHelp(
      "Goes on with the script and modules as they are now. Where these do something else than the run has done, it stops and shows both."
    ))
  var withCurrent = false

  @Flag(help: "Submits without asking first.")
  var yes = false

  @Flag(help: "Submits after the last_start of run.window, too.")
  var submitLate = false

  @OptionGroup var configuration: RecordedConfiguration

  @Option(help: "How far it is: auto, tty, plain or none.")
  var progress = Progress.Choice.auto

  @OptionGroup var journal: JournalOptions

  func validate() throws {
    guard [name != nil, all, last].count(where: { $0 }) == 1 else {
      throw ValidationError("resume takes one of RUN, --last and --all")
    }
  }

  private static let noneWaits = "no run waits to be taken up"

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    guard all else { return try await resume(name ?? "last", output) }
    guard let store = try journal.openIfThere() else {
      output.line("cvlua resume: \(Self.noneWaits)")
      return 0
    }
    let waiting = try await UsageError.wrapping { () async throws(JournalError) in
      var waiting: [RunRecord] = []
      for run in try await store.runs(.unfinished) where try await !store.isAlive(run.id) {
        waiting.append(run)
      }
      return waiting.sorted { $0.startedAt < $1.startedAt }
    }
    await store.close()
    if waiting.isEmpty { output.line("cvlua resume: \(Self.noneWaits)") }
    var worst: Int32 = 0
    for run in waiting {
      do throws(UsageError) {
        worst = max(worst, try await resume(run.id.description, output))
      } catch {
        // The others are taken up all the same.
        output.line("cvlua resume: \(error.message)")
        worst = max(worst, error.exitCode)
      }
    }
    return worst
  }

  private func resume(_ name: String, _ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let store = try journal.open()
    let run = try await RunName.find(name, store)
    let (history, script) = try await UsageError.wrapping { () async throws(JournalError) in
      let history = try await store.history(of: run)
      return (history, try await store.source(history.run.scriptHash))
    }
    let record = history.run
    if record.state.isEnd {
      if let code = try await tellRest(of: record, store, output) { return code }
      throw UsageError(JournalError.runHasEnded(run: record.id, state: record.state).description)
    }
    await store.close()
    guard let script, !script.isEmpty else {
      throw UsageError(
        "the script of run \(record.id) came from standard input and is not kept, so it cannot be resumed")
    }
    var request = RunArguments(resuming: record, script: script, RunOptions(record.options))
    request.isAgreed = yes
    request.progress = progress
    request.configurationFile = try configuration.file(of: record)
    request.usesCurrent = withCurrent
    if submitLate { request.rules.submitsLate = true }
    // A rehearsal's clock goes on from where it stopped. A sleep's end is written down when it begins.
    let moments = history.steps.flatMap { step in
      [step.startedAt, step.kind == .sleep ? step.startedAt : step.endedAt ?? step.startedAt]
    }
    // A submit whose answer never came stands with the simulator only: it must not lie in the future.
    let submitted = request.stateFile.flatMap { try? StateFile(path: $0).latestSubmit() }
    request.start = (moments + [submitted].compactMap(\.self)).max() ?? record.startedAt
    if let file = journal.journal { request.journal = .file(file) }
    return await RunCommand(request, output).run()
  }

  /// Tells what is still to be told of a run that has come to its end.
  ///
  /// - Returns: the exit code; nil where there is nothing to tell.
  private func tellRest(
    of run: RunRecord, _ store: SQLiteJournal, _ output: ErrorOutput
  ) async throws(UsageError) -> Int32? {
    func open() async throws(UsageError) -> Int {
      try await UsageError.wrapping { () async throws(JournalError) in
        try await store.messages(of: run.id).count { $0.deliveredAt == nil }
      }
    }
    let before = try await open()
    guard before > 0 else { return nil }
    let profiles = try await ConfigurationFiles.profiles(
      file: try configuration.file(of: run), named: RunOptions(run.options).profile)
    for sentence in await Outbox(store, SystemClock(), Postman(profiles: profiles)).deliver(of: run.id) {
      output.line("cvlua resume: \(sentence)")
    }
    let left = try await open()
    await store.close()
    output.line(
      "run \(run.id) has ended (\(run.state.rawValue)); of \(before) messages that were still to be told, \(left) are left"
        + (left > 0 ? " (another process may be telling them; see cvlua show \(run.id))" : ""))
    return left == 0 ? 0 : 1
  }
}
