import ArgumentParser
import Journal

/// The run of the journal that a command is about.
struct NamedRun: ParsableArguments {
  @Argument(help: "The run's name, or last.")
  var name: String

  @OptionGroup var journal: JournalOptions

  /// A run as the journal has it.
  struct Found {
    let store: SQLiteJournal
    let history: RunHistory
    /// Its process is there.
    let isAlive: Bool

    /// How it goes on; nil where it has come to its end, or goes on by itself.
    var wayOn: String? {
      isAlive || history.run.state.isEnd ? nil : "cvlua resume \(history.run.id) takes it up again"
    }
  }

  func find() async throws(UsageError) -> Found {
    let (store, name) = (try journal.open(), name)
    let history = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.history(of: try await RunName.find(name, store))
    }
    return Found(
      store: store, history: history, isAlive: (try? await store.isAlive(history.run.id)) ?? false)
  }
}

/// A run by the name that people give.
enum RunName {
  static func find(_ name: String, _ store: SQLiteJournal) async throws(JournalError) -> RunID {
    guard name == "last" else { return RunID(name) }
    guard let run = try await store.runs(RunFilter(limit: 1)).first else { throw .noSuchRun(RunID("last")) }
    return run.id
  }
}
