public import Clock
internal import Glibc
internal import SQLite
public import Simulator
internal import Synchronization

/// The state of a simulator in a SQLite file, which one process at a time may use.
///
/// What was saved outlives the process however that ends; after a power cut the last answers may be missing.
public final class StateFile: SimulatorStore {
  private let path: String
  private let database: Mutex<Database>
  private let report: @Sendable (StateError) -> Void

  /// "cvls": tells the file from what other programs keep in SQLite.
  private static let applicationId: Int32 = 0x6376_6C73
  private static let version: Int32 = 1

  /// Opens the file, or makes one that only its owner can read.
  ///
  /// - Parameters:
  ///   - path: of the file; its folder is there, and can be written to.
  ///   - report: told of each save that fails.
  /// - Throws: where the file cannot be used; then it is as it was before.
  public init(path: String, report: @escaping @Sendable (StateError) -> Void = { _ in }) throws(StateError) {
    self.path = path
    self.report = report
    let header = try StateFileHeader(path)
    try header.check(path, applicationId: Self.applicationId, version: Self.version)
    do {
      if header.isEmpty {
        try Self.makeFile(path)
      } else {
        try Self.check(path)
      }
      database = Mutex(try Self.open(path))
    } catch {
      throw Self.sentence(path, error)
    }
  }

  public func load() throws(StateError) -> [StateRecord] {
    do {
      return try database.withLock { database in
        try database.all("SELECT kind, key, json FROM record") {
          StateRecord(kind: $0.text(0), key: $0.text(1), json: Array($0.text(2).utf8))
        }
      }
    } catch {
      throw Self.sentence(path, error)
    }
  }

  public func save(_ changes: [StateRecord]) throws(StateError) {
    guard !changes.isEmpty else { return }
    do {
      try database.withLock { database in
        try database.inTransaction {
          for change in changes {
            if let json = change.json {
              try database.run(
                "INSERT OR REPLACE INTO record (kind, key, json) VALUES (?, ?, ?)", change.kind, change.key,
                String(decoding: json, as: UTF8.self))
            } else {
              try database.run("DELETE FROM record WHERE kind = ? AND key = ?", change.kind, change.key)
            }
          }
        }
      }
    } catch {
      let failure = Self.sentence(path, error)
      report(failure)
      throw failure
    }
  }

  /// A clock that shows what the simulator's would show by now if it had run on since the file was made,
  /// at the speeds that it had.
  ///
  /// - Parameter speed: how many of its seconds pass in one of the machine's from now on.
  public func clock(speed: Double) throws(StateError) -> any RunClock {
    do {
      let real = SystemClock().now
      let start = try database.withLock { database in
        try database.inTransaction {
          let start = try database.first("SELECT real, simulated, speed FROM clock") { row in
            let passed = max(0, real.nanoseconds - row.int64(0))
            return Moment(nanoseconds: row.int64(1)) + Self.scaled(passed, row.double(2))
          }
          try database.run(
            "INSERT OR REPLACE INTO clock (id, real, simulated, speed) VALUES (1, ?, ?, ?)",
            real.nanoseconds, (start ?? real).nanoseconds, speed)
          return start ?? real
        }
      }
      return ScaledClock(speed: speed, start: start)
    } catch {
      throw Self.sentence(path, error)
    }
  }

  private static func scaled(_ nanoseconds: Int64, _ speed: Double) -> Duration {
    .nanoseconds(Int64(min(9.2e18, Double(nanoseconds) * speed)))
  }

  // MARK: Opening

  private static func makeFile(_ path: String) throws(StateError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StateError("\(path) cannot be made: \(String(cString: strerror(errno)))")
    }
    close(descriptor)
  }

  /// Looks through the whole file, in a way that cannot change it. Only what a process has left half made as it
  /// was killed is undone first, which SQLite does by the journal beside the file.
  private static func check(_ path: String) throws {
    var information = stat()
    let isHalfMade = stat("\(path)-journal", &information) == 0 && information.st_size > 0
    let database = try Database(path, isHalfMade ? .readWrite : .readOnly)
    defer { database.close() }
    let answer = try database.first("PRAGMA quick_check(1)") { $0.text(0) } ?? ""
    guard answer == "ok" else {
      let lines = answer.split(separator: "\n").filter { !$0.hasPrefix("***") }
      throw StateError("\(path) is damaged: \(lines.first ?? "it cannot be checked")")
    }
  }

  private static func open(_ path: String) throws -> Database {
    let database = try Database(path)
    // The file is this process's until it ends.
    try database.execute("PRAGMA locking_mode = EXCLUSIVE")
    // The first of it stands in the file itself, where the next process looks for whose it is.
    try database.inTransaction {
      guard try database.first("PRAGMA user_version", as: { $0.int(0) }) == 0 else { return }
      try database.execute(
        """
        CREATE TABLE record (
          kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE clock (
          id INTEGER PRIMARY KEY, real INTEGER NOT NULL, simulated INTEGER NOT NULL, speed REAL NOT NULL
        ) STRICT;
        PRAGMA application_id = \(applicationId);
        PRAGMA user_version = \(version);
        """)
    }
    // A process that is killed loses nothing that was committed, and no commit waits for the disk.
    try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    return database
  }

  private static func sentence(_ path: String, _ error: any Error) -> StateError {
    switch error {
    case let error as StateError: return error
    case let error as SQLiteError:
      switch error.code {
      case .busy: return StateError("\(path) is in use by another cvlua simulator")
      case .corrupt, .notADatabase: return StateError("\(path) is damaged: \(error)")
      default: return StateError("\(path) cannot be used: \(error)")
      }
    default: return StateError("\(path) cannot be used: \(error)")
    }
  }
}
