internal import Clock
internal import SQLite

// What the journal keeps besides numbers, texts and bytes.

extension SQLRow {
  func moment(_ column: Int32) -> Moment { Moment(nanoseconds: int64(column)) }

  func optionalMoment(_ column: Int32) -> Moment? { isNull(column) ? nil : moment(column) }

  /// Of a column that only this program writes.
  func state<State: RawRepresentable<String>>(_ column: Int32) throws -> State {
    let text = text(column)
    guard let state = State(rawValue: text) else { throw UnknownState(text: text) }
    return state
  }
}

/// A word that no version of this program up to this one writes.
struct UnknownState: Error {
  let text: String
}

extension JournalError {
  /// What an error inside of the store means to its callers.
  init(_ error: any Error, file: String) {
    switch error {
    case let error as JournalError: self = error
    case let error as UnknownState: self = .corrupt(file: file, detail: "unknown state \"\(error.text)\"")
    case let error as SQLiteError:
      self =
        switch error.code {
        case .full: .full(file: file)
        case .readOnly: .readOnly(file: file)
        case .moved: .vanished(file: file)
        case .inputOutput: .inputOutput(file: file, detail: error.message)
        case .corrupt: .corrupt(file: file, detail: error.message)
        case .notADatabase: .notAJournal(file: file)
        case .busy: .busy(file: file)
        case .cannotOpen: .unusable(file: file, reason: error.message)
        case .constraint, .other: .other(file: file, detail: error.message)
        }
    default: self = .other(file: file, detail: "\(error)")
    }
  }
}
