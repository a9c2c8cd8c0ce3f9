import ArgumentParser
import Journal

/// Which journal a command is about.
struct JournalOptions: ParsableArguments {
  @Option(help: "The journal's file, where it is not the usual one.")
  var journal: String?

  /// What reads a journal makes none.
  static let none = "there is no run in the journal yet"

  func open() throws(UsageError) -> SQLiteJournal {
    guard let store = try openIfThere() else { throw UsageError(Self.none) }
    return store
  }

  /// - Returns: nil where the usual journal has not been made yet.
  func openIfThere() throws(UsageError) -> SQLiteJournal? {
    do throws(JournalError) {
      let file: String
      if let journal { file = journal } else { file = try Logbook.usualFile() }
      if SQLiteJournal.isThere(file) { return SQLiteJournal(file: file) }
    } catch {
      throw UsageError(error.description)
    }
    if let journal { throw UsageError("there is no journal \(journal)") }
    return nil
  }
}

extension UsageError {
  /// Turns what the journal says into a command's own error.
  static func wrapping<Value>(
    _ body: () async throws(JournalError) -> Value
  ) async throws(UsageError) -> Value {
    do { return try await body() } catch { throw UsageError(error) }
  }
}

extension UsageError {
  init(_ error: JournalError) {
    switch error {
    case .runIsAlive, .scriptIsAlive:
      self.init("\(error.description); nothing was done")
      exitCode = 75
    default: self.init(error.description)
    }
  }
}
