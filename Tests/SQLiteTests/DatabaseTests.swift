import SQLite
import Testing

@Suite("A database")
struct DatabaseTests {
  private let database: Database

  init() throws {
    database = try Database(":memory:")
    try database.execute("CREATE TABLE thing (value); CREATE TABLE named (name TEXT PRIMARY KEY) STRICT")
  }

  private func count() throws -> Int? { try database.first("SELECT count(*) FROM thing") { $0.int(0) } }

  // MARK: Values

  @Test("Integers come back as they went, to the last of them")
  func integers() throws {
    for number in [Int64.min, -1, 0, 1, .max] {
      #expect(try database.first("SELECT ?", number) { $0.int64(0) } == number)
      #expect(try database.first("SELECT ?", Int(number)) { $0.int(0) } == Int(number))
    }
    #expect(try database.first("SELECT ?", 0.1) { $0.double(0) } == 0.1)
  }

  @Test(
    "Texts come back as they went",
    arguments: ["", "a", "ü€😀", "a\0b", String(repeating: "x", count: 70_000)])
  func texts(_ text: String) throws {
    #expect(try database.first("SELECT ?, typeof(?1)", text) { [$0.text(0), $0.text(1)] } == [text, "text"])
  }

  @Test("Bytes come back as they went", arguments: [[], [0], Array(0...255)] as [[UInt8]])
  func bytes(_ bytes: [UInt8]) throws {
    #expect(try database.first("SELECT ?", bytes) { $0.blob(0) } == bytes)
    #expect(try database.first("SELECT typeof(?)", bytes) { $0.text(0) } == "blob")
  }

  @Test("Nil is NULL, and nothing else is")
  func null() throws {
    let noText: String? = nil
    let values: [(any SQLValue)?] = [nil, noText, "", 0]
    let nulls = try database.all("SELECT ?, ?, ?, ?", values: values) { row in
      (0..<4).map { row.isNull($0) }
    }
    #expect(nulls == [[true, true, false, false]])
    #expect(try database.first("SELECT NULL") { $0.optionalText(0) } == .some(nil))
    #expect(try database.first("SELECT NULL") { $0.optionalInt(0) } == .some(nil))
    #expect(try database.first("SELECT NULL") { $0.optionalBlob(0) } == .some(nil))
    #expect(try database.first("SELECT 'a', 1, x'02'") { $0.optionalText(0) } == "a")
  }

  // MARK: Statements

  @Test("A statement that is used again has forgotten its values")
  func again() throws {
    for number in 0..<3 { try database.run("INSERT INTO thing VALUES (?)", number) }
    try database.run("INSERT INTO thing VALUES (?)", nil)
    #expect(try database.all("SELECT value FROM thing") { $0.optionalInt(0) } == [0, 1, 2, nil])
    #expect(try database.first("SELECT value FROM thing WHERE value > 5") { $0.int(0) } == nil)
    #expect(database.lastInsertedRowID == 4)
    try database.run("UPDATE thing SET value = 0 WHERE value > ?", 0)
    #expect(database.changesCount == 2)
    #expect(database.totalChangesCount == 6)
  }

  @Test("A query may run within itself")
  func within() throws {
    for number in 1...3 { try database.run("INSERT INTO thing VALUES (?)", number) }
    func sums() throws -> [Int] {
      try database.all("SELECT value FROM thing") { outer in
        let own = outer.int(0)
        return try own + database.all("SELECT value FROM thing") { $0.int(0) }.reduce(0, +)
      }
    }
    #expect(try sums() == [7, 8, 9])
    #expect(try sums() == [7, 8, 9])
  }

  @Test("A query whose rows are refused leaves nothing open")
  func refused() throws {
    struct Refusal: Error {}
    try database.execute("INSERT INTO thing VALUES (1), (2)")
    #expect(throws: Refusal.self) { try database.all("SELECT value FROM thing") { _ in throw Refusal() } }
    try database.execute("DROP TABLE thing")
  }

  @Test("Wrong SQL, too few values and a second statement are told")
  func mistakes() throws {
    func message(_ sql: String, _ values: (any SQLValue)?...) -> String? {
      #expect(throws: SQLiteError.self) { try database.all(sql, values: values) { _ in } }?.message
    }
    #expect(message("SELEC 1") == "near \"SELEC\": syntax error")
    #expect(message("SELECT ?, ?", 1) == "1 values do not fit the parameters of: SELECT ?, ?")
    #expect(message("SELECT ?", 1, 2) == "2 values do not fit the parameters of: SELECT ?")
    #expect(message("SELECT 1; DELETE FROM thing") == "not one statement: SELECT 1; DELETE FROM thing")
    #expect(message("-- nothing") == "not one statement: -- nothing")
  }

  @Test("A database that was closed says so, even in the middle of a query")
  func closed() throws {
    try database.execute("INSERT INTO thing VALUES (1), (2)")
    let seen = try database.all("SELECT value FROM thing") { row in
      database.close()
      return row.int(0)
    }
    #expect(seen == [1, 2])
    let error = #expect(throws: SQLiteError.self) { try database.run("SELECT 1") }
    #expect(error?.message == "the database is closed")
    #expect(!database.isInsideTransaction && database.changesCount == 0 && database.lastInsertedRowID == 0)
    database.close()
  }

  // MARK: Transactions

  @Test("What a transaction did is kept, or undone where its body throws")
  func transactions() throws {
    struct Refusal: Error {}
    let value = try database.inTransaction {
      try database.run("INSERT INTO thing VALUES (1)")
      return database.isInsideTransaction
    }
    #expect(value && !database.isInsideTransaction)
    #expect(throws: Refusal.self) {
      try database.inTransaction(.deferred) {
        try database.run("INSERT INTO thing VALUES (2)")
        throw Refusal()
      }
    }
    #expect(try count() == 1)
    #expect(!database.isInsideTransaction)
  }

  @Test("A part of a transaction may be undone")
  func savepoints() throws {
    try database.beginTransaction()
    for number in 1...3 {
      try database.run("SAVEPOINT one")
      try database.run("INSERT INTO thing VALUES (?)", number)
      if number == 2 { try database.run("ROLLBACK TO one") }
      try database.run("RELEASE one")
    }
    try database.commit()
    #expect(try database.all("SELECT value FROM thing") { $0.int(0) } == [1, 3])
  }

  @Test("A broken rule is told, foreign keys included, without the values")
  func constraints() throws {
    try database.execute("CREATE TABLE child (name TEXT NOT NULL REFERENCES named) STRICT")
    try database.run("INSERT INTO named VALUES (?)", "secret")
    let twice = #expect(throws: SQLiteError.self) {
      try database.run("INSERT INTO named VALUES (?)", "secret")
    }
    #expect(twice?.code == .constraint)
    #expect(twice?.extended == 1555)
    #expect(twice?.message == "UNIQUE constraint failed: named.name")
    let orphan = #expect(throws: SQLiteError.self) { try database.run("INSERT INTO child VALUES (?)", "no") }
    #expect(orphan?.description == "FOREIGN KEY constraint failed")
  }
}
