internal import CSQLite

/// A prepared statement. Once its database is closed, SQLite keeps what the statement needs until it goes.
final class Statement {
  // Ours alone, and valid until `deinit`.
  private let pointer: OpaquePointer

  /// - Parameter sql: one statement.
  init(_ sql: String, _ connection: OpaquePointer) throws(SQLiteError) {
    var pointer: OpaquePointer?
    var isAll = true
    let code = sql.withCString { start in
      var rest: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v3(
        connection, start, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, &rest)
      // Points into `start`, which is valid here and ends with a NUL.
      if let rest { isAll = rest.pointee == 0 }
      return code
    }
    guard code == SQLITE_OK else { throw SQLiteError(code, of: connection) }
    guard let pointer, isAll else {
      sqlite3_finalize(pointer)
      throw .misuse("not one statement: \(sql)")
    }
    self.pointer = pointer
  }

  deinit { sqlite3_finalize(pointer) }

  /// Whether it has begun and was not reset.
  var isRunning: Bool { sqlite3_stmt_busy(pointer) != 0 }

  /// The row that it stands on.
  var row: SQLRow { SQLRow(statement: pointer) }

  /// - Parameter values: one for each parameter, by the parameters' numbers.
  func bind(_ values: [(any SQLValue)?]) throws(SQLiteError) {
    guard sqlite3_bind_parameter_count(pointer) == values.count else {
      throw .misuse(
        "\(values.count) values do not fit the parameters of: \(String(cString: sqlite3_sql(pointer)))")
    }
    var index: Int32 = 0
    for value in values {
      index += 1
      let code =
        switch value?.stored {
        case nil: sqlite3_bind_null(pointer, index)
        case .integer(let number): sqlite3_bind_int64(pointer, index, number)
        case .real(let number): sqlite3_bind_double(pointer, index, number)
        case .text(let text): bind(text, at: index)
        case .blob(let bytes): bind(bytes, at: index)
        }
      guard code == SQLITE_OK else { throw failure(code) }
    }
  }

  /// - Returns: whether it stands on a row now.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: true
    case SQLITE_DONE: false
    case let code: throw failure(code)
    }
  }

  /// Ends it, and its transaction if that is its own.
  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
  }

  private func bind(_ text: String, at index: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { utf8 in
      // The address is valid during the call, in which SQLite copies the bytes.
      utf8.withMemoryRebound(to: CChar.self) { bytes in
        // An empty string may have no address, which would mean NULL.
        bytes.isEmpty
          ? sqlite3_bind_text(pointer, index, "", 0, csqlite_transient())
          : sqlite3_bind_text64(
            pointer, index, bytes.baseAddress, UInt64(bytes.count), csqlite_transient(), UInt8(SQLITE_UTF8))
      }
    }
  }

  private func bind(_ bytes: [UInt8], at index: Int32) -> Int32 {
    if bytes.isEmpty { return sqlite3_bind_zeroblob(pointer, index, 0) }
    // The address is valid during the call, in which SQLite copies the bytes.
    return bytes.withUnsafeBytes {
      sqlite3_bind_blob64(pointer, index, $0.baseAddress, UInt64($0.count), csqlite_transient())
    }
  }

  private func failure(_ code: Int32) -> SQLiteError { SQLiteError(code, of: sqlite3_db_handle(pointer)) }
}
