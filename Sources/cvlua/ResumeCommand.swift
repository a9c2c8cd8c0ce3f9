import ArgumentParser
import Console
import Clock
import Journal
import Terminal
import Workflow

/// `cvlua resume RUN`: takes a run up where it was interrupted.
struct ResumeCommand: Subcommand {
  static let abstract = """
    Takes a run up again whose process is gone, with the script as it was: finished steps answer from the \
    journal, jobs that run are waited for, a submit whose answer never came is looked for before anything is \
    sent again. RUN is the name that cvlua runs shows, or last.
    """

  @Argument(help: "The run's name, or last.")
  var name: String

  @Flag(help: "Submits without asking first.")
  var yes = false

  @Option(help: "How far it is: auto, tty, plain or none.")
  var progress = Progress.Choice.auto

  @Flag(help: "Submits after the last_start of run.window, too.")
  var submitLate = false

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let store = try journal.open()
    let name = name
    let (history, script) = try await UsageError.wrapping { () async throws(JournalError) in
      let history = try await store.history(of: try await RunName.find(name, store))
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
    if submitLate { request.rules.submitsLate = true }
    // A rehearsal's clock goes on from where it stopped.
    request.start =
      history.steps.flatMap { [$0.startedAt, $0.endedAt ?? $0.startedAt] }.max() ?? record.startedAt
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
    let options = RunOptions(run.options)
    let profiles = try await ConfigurationFiles.profiles(
      file: options.configurationFile, named: options.profile)
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
