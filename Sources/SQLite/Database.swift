internal import CSQLite

/// A connection to a SQLite database, for one thread at a time.
///
/// Why not GRDB: it brings Foundation and ICU, which every start pays for. With it linked, `cvlua -e ''` took
/// 5.8 ms instead of 4.4 (the least of many; 6 is the reach) and the binary 189 MB instead of 130. What we need
/// of SQLite is small.
public final class Database {
  /// What may be done to the file.
  public enum Access: Sendable {
    /// Read and write; a file that is not there is made.
    case create
    case readWrite
    case readOnly
    /// Read, and believe that nobody writes: takes no lock and makes no file beside it.
    case immutable
  }

  /// When a transaction takes its locks.
  public enum TransactionKind: String, Sendable {
    /// As its statements need them.
    case deferred
    /// The one for writing at once.
    case immediate
  }

  // Nil once it is closed.
  private var connection: OpaquePointer?
  private var statements: [String: Statement] = [:]

  /// Opens a database, and has it keep its foreign keys. The file itself is not read yet.
  ///
  /// - Parameters:
  ///   - path: of a file, or `:memory:`.
  ///   - patience: how long to wait for the locks of others.
  public init(_ path: String, _ access: Access = .create, patience: Duration = .zero) throws(SQLiteError) {
    let (name, mode) =
      switch access {
      case .create: (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
      case .readWrite: (path, SQLITE_OPEN_READWRITE)
      case .readOnly: (path, SQLITE_OPEN_READONLY)
      case .immutable: (Self.immutable(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
      }
    let code = sqlite3_open_v2(name, &connection, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    // A connection that failed to open tells why, and is closed by `deinit`.
    guard code == SQLITE_OK else { throw SQLiteError(code, of: connection) }
    sqlite3_busy_timeout(connection, Int32(min(patience / .milliseconds(1), 1e9)))
    try execute("PRAGMA foreign_keys = ON")
  }

  deinit { close() }

  /// Closes the database; whatever is asked of it later fails.
  public func close() {
    statements = [:]
    // Where a query is under way, SQLite waits for its statement to go.
    sqlite3_close_v2(connection)
    connection = nil
  }

  // MARK: Statements

  /// Runs any number of statements, not kept for a next time.
  public func execute(_ script: String) throws(SQLiteError) {
    let connection = try opened()
    let code = sqlite3_exec(connection, script, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code, of: connection) }
  }

  /// Runs one statement, to its end.
  public func run(_ sql: String, _ values: (any SQLValue)?...) throws(SQLiteError) {
    let statement = try cachedStatement(sql)
    defer { statement.reset() }
    try statement.bind(values)
    while try statement.step() {}
  }

  /// The first row of a query, made into something; nil where there is no row.
  public func first<Value>(
    _ sql: String, _ values: (any SQLValue)?..., as value: (borrowing SQLRow) throws -> Value
  ) throws -> Value? {
    let statement = try cachedStatement(sql)
    defer { statement.reset() }
    try statement.bind(values)
    return try statement.step() ? value(statement.row) : nil
  }

  /// All rows of a query, each made into something.
  public func all<Value>(
    _ sql: String, _ values: (any SQLValue)?..., as value: (borrowing SQLRow) throws -> Value
  ) throws -> [Value] {
    try all(sql, values: values, as: value)
  }

  /// The same, for values whose number is not known beforehand.
  public func all<Value>(
    _ sql: String, values: [(any SQLValue)?], as value: (borrowing SQLRow) throws -> Value
  ) throws -> [Value] {
    let statement = try cachedStatement(sql)
    defer { statement.reset() }
    try statement.bind(values)
    var result: [Value] = []
    while try statement.step() { result.append(try value(statement.row)) }
    return result
  }

  /// The statement of a text is kept for the next time. While it runs, the same text gets another.
  private func cachedStatement(_ sql: String) throws(SQLiteError) -> Statement {
    if let kept = statements[sql], !kept.isRunning { return kept }
    let statement = try Statement(sql, opened())
    statements[sql] = statement
    return statement
  }

  private func opened() throws(SQLiteError) -> OpaquePointer {
    guard let connection else { throw .misuse("the database is closed") }
    return connection
  }

  // MARK: Transactions

  /// Runs `body` in a transaction, which is undone where `body` or the commit throws.
  public func inTransaction<Value>(
    _ kind: TransactionKind = .immediate, _ body: () throws -> Value
  ) throws -> Value {
    try beginTransaction(kind)
    do {
      let value = try body()
      try commit()
      return value
    } catch {
      // A full or broken disk ends the transaction by itself.
      if isInsideTransaction { try? rollback() }
      throw error
    }
  }

  public func beginTransaction(_ kind: TransactionKind = .immediate) throws(SQLiteError) {
    try run("BEGIN \(kind.rawValue)")
  }

  public func commit() throws(SQLiteError) { try run("COMMIT") }

  public func rollback() throws(SQLiteError) { try run("ROLLBACK") }

  public var isInsideTransaction: Bool { connection != nil && sqlite3_get_autocommit(connection) == 0 }

  // MARK: What was changed

  /// How many rows the last insert, update or delete touched.
  public var changesCount: Int { connection == nil ? 0 : Int(sqlite3_changes64(connection)) }

  /// How many rows were touched since the database was opened.
  public var totalChangesCount: Int { connection == nil ? 0 : Int(sqlite3_total_changes64(connection)) }

  /// The row id of the last insert.
  public var lastInsertedRowID: Int64 { connection == nil ? 0 : sqlite3_last_insert_rowid(connection) }

  // MARK: Names

  /// A file as https://www.sqlite.org/uri.html has it.
  private static func immutable(_ path: String) -> String {
    // With an empty host, so that no folder's name is taken for one.
    var uri = path.hasPrefix("/") ? "file://" : "file:"
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default: uri += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
      }
    }
    return uri + "?immutable=1"
  }
}
