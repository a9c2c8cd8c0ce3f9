import ArgumentParser
import Clock
import Journal

/// The run of the journal that a command is about.
struct NamedRun: ParsableArguments {
  @Argument(help: RunName.help)
  var name: String?

  @Flag(help: "The run that began last, as the name last does.")
  var last = false

  @OptionGroup var journal: JournalOptions

  /// A run as the journal has it.
  struct Found {
    let store: SQLiteJournal
    let history: RunHistory
    /// Its process is there.
    let isAlive: Bool

    /// Until when it is known what it did. A rehearsal's own clock stands where it last did something.
    var now: Moment {
      let run = history.run
      if let end = run.endedAt { return end }
      guard run.isSimulated else { return SystemClock().now }
      let moments = history.steps.map { step in
        step.kind == .sleep ? step.startedAt : step.endedAt ?? step.startedAt
      }
      return moments.max() ?? run.startedAt
    }

    /// How it goes on; nil where it has come to its end, or goes on by itself.
    var wayOn: String? {
      isAlive || history.run.state.isEnd ? nil : "cvlua resume \(history.run.id) takes it up again"
    }
  }

  func validate() throws {
    guard (name != nil) != last else { throw ValidationError("it takes one of RUN and --last") }
  }

  func find() async throws(UsageError) -> Found {
    let store = try journal.open()
    let run = try await RunName.find(name ?? RunName.last, store)
    let history = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.history(of: run)
    }
    return Found(
      store: store, history: history, isAlive: (try? await store.isAlive(history.run.id)) ?? false)
  }
}

/// A run by the name that people give.
enum RunName {
  static let last = "last"
  static let help: ArgumentHelp = "The run's name, its beginning or its last four characters, or last."

  static func find(_ name: String, _ store: SQLiteJournal) async throws(UsageError) -> RunID {
    let runs = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.runs(RunFilter(limit: name == last ? 1 : nil)).map(\.id)
    }
    let meant = name == last ? runs : matching(name, runs)
    guard let run = meant.first else {
      throw UsageError(JournalError.noSuchRun(RunID(name)).description)
    }
    if meant.count == 1 { return run }
    let names = meant.prefix(5).map(\.description).joined(separator: ", ")
    throw UsageError(
      "\(name) may be any of \(meant.count) runs: \(names)\(meant.count > 5 ? ", …" : ""); give more of its name"
    )
  }

  private static func matching(_ name: String, _ runs: [RunID]) -> [RunID] {
    if let run = runs.first(where: { $0.description == name }) { return [run] }
    return runs.filter { run in
      !name.isEmpty && run.description.hasPrefix(name)
        || name.count == 4 && run.description.hasSuffix("-" + name)
    }
  }
}
