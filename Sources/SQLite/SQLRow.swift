internal import CSQLite

/// The present row of a query; cannot be kept. Columns count from 0.
public struct SQLRow: ~Copyable {
  /// Valid while a query lends the row to its caller, who cannot copy it.
  let statement: OpaquePointer

  public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  public func int(_ column: Int32) -> Int { Int(int64(column)) }

  public func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  public func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

  public func text(_ column: Int32) -> String {
    // Address and length hold until the next call for this row; the string is a copy.
    let text = UnsafeRawPointer(sqlite3_column_text(statement, column))
    return String(decoding: bytes(column, text), as: UTF8.self)
  }

  public func blob(_ column: Int32) -> [UInt8] {
    // As above; the array is a copy.
    Array(bytes(column, sqlite3_column_blob(statement, column)))
  }

  public func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }

  public func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  public func optionalBlob(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }

  private func bytes(_ column: Int32, _ start: UnsafeRawPointer?) -> UnsafeRawBufferPointer {
    // The length after the address: finding the address may convert the value. No address means no bytes.
    UnsafeRawBufferPointer(
      start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
  }
}
