import ArgumentParser
import Clock
import Journal
import Terminal

/// `cvlua runs`: the runs that the journal holds.
struct RunsCommand: Subcommand {
  static let abstract = """
    Lists the runs of the journal, newest first: when, what came of it, which script. With prune, deletes those \
    that came to an end long ago.
    """

  @Argument(help: "prune deletes runs that came to an end; nothing lists them.")
  var action: String?

  @Option(help: "How many to show, or with prune: how many of the newest to keep.")
  var limit = 20

  @Option(help: "With prune: only runs that are older, such as 90d.")
  var olderThan = "90d"

  @OptionGroup var journal: JournalOptions

  func validate() throws {
    guard action == nil || action == "prune" else {
      throw ValidationError("runs takes prune, or nothing; a single run is shown by cvlua show RUN")
    }
    guard limit > 0 else { throw ValidationError("--limit is a number above 0") }
    guard DurationText.parse(olderThan) != nil else {
      throw ValidationError("--older-than takes a duration such as 90d, not \"\(olderThan)\"")
    }
  }

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    guard let store = try journal.openIfThere() else {
      output.line(JournalOptions.none)
      return 0
    }
    if action == "prune" {
      let moment = SystemClock().now - (DurationText.parse(olderThan) ?? .zero)
      let keep = limit
      let gone = try await UsageError.wrapping { () async throws(JournalError) in
        try await store.prune(olderThan: moment, keep: keep)
      }
      print("\(gone.count) run\(gone.count == 1 ? "" : "s") deleted")
      return 0
    }
    let limit = limit
    let runs = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.runs(RunFilter(limit: limit))
    }
    if runs.isEmpty { output.line(JournalOptions.none) }
    for run in runs {
      let isAlive = (try? await store.isAlive(run.id)) ?? false
      let state = RunLine.state(run, isAlive: isAlive)
      print("\(run.id)  \(run.startedAt.local)  \(state)  \(ErrorOutput.oneLine(run.script))")
    }
    return 0
  }
}

extension Moment {
  /// `2026-11-21 22:00:00`, as the machine's own time zone has it.
  var local: String { "\(CivilTime(self).date) \(CivilTime(self).time)" }
}

/// How a run is told of in one line.
enum RunLine {
  static func state(_ run: RunRecord, isAlive: Bool) -> String {
    if isAlive { return "running" }
    switch run.state {
    case .running: return "died"
    case .finished: return "exit \(run.exitCode.map { "\($0)" } ?? "?")"
    case .interrupted: return "interrupted"
    case .abandoned: return "closed"
    case .needsOperator: return "needs operator"
    }
  }
}
