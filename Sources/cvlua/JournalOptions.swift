import ArgumentParser
import Journal

/// Which journal a command is about.
struct JournalOptions: ParsableArguments {
  @Option(help: "The journal's file, where it is not the usual one.")
  var journal: String?

  func open() throws(UsageError) -> SQLiteJournal {
    do throws(JournalError) {
      if let journal { return SQLiteJournal(file: journal) }
      return SQLiteJournal(file: try Logbook.usualFile())
    } catch {
      throw UsageError(error.description)
    }
  }
}

extension UsageError {
  /// Turns what the journal says into a command's own error.
  static func wrapping<Value>(
    _ body: () async throws(JournalError) -> Value
  ) async throws(UsageError) -> Value {
    do { return try await body() } catch { throw UsageError(error.description) }
  }
}
