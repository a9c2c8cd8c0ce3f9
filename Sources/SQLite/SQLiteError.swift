internal import CSQLite

/// What SQLite says went wrong (https://www.sqlite.org/rescode.html).
public struct SQLiteError: Error, Hashable, Sendable {
  /// What it means to whoever asked.
  public enum Code: Hashable, Sendable {
    /// Another connection holds a lock, and did for longer than our patience.
    case busy
    /// The file, or one beside it, cannot be opened or may not be used.
    case cannotOpen
    /// A row breaks a rule of its table.
    case constraint
    /// The file is damaged.
    case corrupt
    /// The disk, or the room the file may take, is full.
    case full
    /// The disk did not do what it was asked to.
    case inputOutput
    /// The file was deleted or renamed while in use.
    case moved
    /// The file is no database.
    case notADatabase
    /// The file, or the connection, is for reading only.
    case readOnly
    /// Anything else: a mistake in SQL, a database that was closed.
    case other
  }

  /// SQLite's extended result code.
  public let extended: Int32

  /// SQLite's own words. They hold names of tables and columns and bits of SQL, never values.
  public let message: String

  public var code: Code {
    if extended == CSQLITE_READONLY_DBMOVED { return .moved }
    return switch extended & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED: .busy
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .cannotOpen
    case SQLITE_CONSTRAINT: .constraint
    case SQLITE_CORRUPT: .corrupt
    case SQLITE_FULL: .full
    case SQLITE_IOERR: .inputOutput
    case SQLITE_NOTADB: .notADatabase
    case SQLITE_READONLY: .readOnly
    default: .other
    }
  }

  /// - Parameter connection: the one that gave the code; it keeps the words until its next call.
  init(_ code: Int32, of connection: OpaquePointer?) {
    extended = code
    message = String(cString: connection == nil ? sqlite3_errstr(code) : sqlite3_errmsg(connection))
  }

  private init(extended: Int32, message: String) {
    self.extended = extended
    self.message = message
  }

  static func misuse(_ message: String) -> SQLiteError {
    SQLiteError(extended: SQLITE_MISUSE, message: message)
  }
}

extension SQLiteError: CustomStringConvertible {
  public var description: String { message }
}
