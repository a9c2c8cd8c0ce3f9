import Glibc
import SQLite
import Testing

@Suite("A database in a file")
struct FileTests {
  private let folder: Folder
  private var path: String { folder.path + "/a file?#%ü" }

  init() throws { folder = try Folder() }

  private func made() throws -> Database {
    let database = try Database(path)
    try database.execute("CREATE TABLE thing (value)")
    for _ in 0..<20 { try database.run("INSERT INTO thing VALUES (?)", [UInt8](repeating: 7, count: 1000)) }
    return database
  }

  /// What reading or writing it runs into.
  private func code(
    _ access: Database.Access = .readWrite, _ sql: String = "SELECT count(value) FROM thing"
  ) -> SQLiteError.Code? {
    #expect(throws: SQLiteError.self) { try Database(path, access).execute(sql) }?.code
  }

  private func count(_ access: Database.Access) throws -> Int? {
    try Database(path, access).first("SELECT count(*) FROM thing") { $0.int(0) }
  }

  private func write(_ bytes: [UInt8], at place: Int = 0) {
    let file = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    #expect(pwrite(file, bytes, bytes.count, place) == bytes.count)
  }

  @Test("What was written is there for whoever opens it next, for reading only, too")
  func roundTrip() throws {
    try made().close()
    for access in [Database.Access.create, .readWrite, .readOnly, .immutable] {
      #expect(try count(access) == 20)
    }
  }

  @Test("Whoever believes that nobody writes makes no file beside it")
  func immutable() throws {
    let database = try made()
    try database.execute("PRAGMA journal_mode = WAL")
    database.close()
    let reader = try Database(path, .immutable)
    #expect(try reader.first("PRAGMA user_version") { $0.int(0) } == 0)
    #expect(access(path + "-shm", F_OK) != 0)
  }

  @Test("A file that is not there is made only where that was asked for")
  func missing() throws {
    #expect(code(.readWrite) == .cannotOpen)
    #expect(code(.readOnly) == .cannotOpen)
    #expect(access(path, F_OK) != 0)
    let error = #expect(throws: SQLiteError.self) { try Database(folder.path + "/no/file") }
    #expect(error?.code == .cannotOpen)
    #expect(error?.message == "unable to open database file")
  }

  @Test("A file that is something else is told")
  func somethingElse() {
    write(Array(String(repeating: "hello ", count: 100).utf8))
    #expect(code() == .notADatabase)
  }

  @Test("A damaged file is told")
  func damaged() throws {
    try made().close()
    write([UInt8](repeating: 0xa5, count: 4000), at: 4096)
    #expect(code() == .corrupt)
  }

  @Test("A full file is told, and its transaction is over")
  func full() throws {
    let database = try made()
    try database.execute("PRAGMA max_page_count = 8")
    let error = #expect(throws: SQLiteError.self) {
      try database.inTransaction {
        while true { try database.run("INSERT INTO thing VALUES (?)", [UInt8](repeating: 0, count: 1000)) }
      }
    }
    #expect(error?.code == .full)
    #expect(!database.isInsideTransaction)
    #expect(try database.first("SELECT count(*) FROM thing") { $0.int(0) } == 20)
  }

  @Test("A file that others have locked is told")
  func busy() throws {
    let database = try made()
    try database.inTransaction {
      #expect(code(.readWrite, "BEGIN IMMEDIATE") == .busy)
    }
  }

  @Test("What is open for reading only cannot be written")
  func readOnly() throws {
    try made().close()
    #expect(code(.readOnly, "DELETE FROM thing") == .readOnly)
    #expect(code(.immutable, "DELETE FROM thing") == .readOnly)
  }

  @Test("A file that went away while in use is told")
  func moved() throws {
    let database = try made()
    #expect(rename(path, path + "2") == 0)
    let error = #expect(throws: SQLiteError.self) { try database.execute("DELETE FROM thing") }
    #expect(error?.code == .moved)
  }

  @Test("What the disk cannot do is told")
  func inputOutput() {
    // A folder opens for reading, and cannot be read.
    let error = #expect(throws: SQLiteError.self) {
      try Database(folder.path, .readOnly).execute("SELECT * FROM sqlite_schema")
    }
    #expect(error?.code == .inputOutput)
    #expect(error?.message == "disk I/O error")
  }
}

/// A temporary folder that goes with its test.
private final class Folder {
  struct Failure: Error { let errno: Int32 }

  let path: String

  init() throws {
    var template = Array("/tmp/cvlua-sqlite-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["a file?#%ü", "a file?#%ü2"] {
      for tail in ["", "-wal", "-shm", "-journal"] { unlink(path + "/" + name + tail) }
    }
    rmdir(path)
  }
}
