internal import SQLite
internal import Glibc

/// The file of a journal: looked at, made, opened. What is refused stays as it was, byte for byte.
struct JournalFile: Sendable {
  let path: String

  /// Its locks lie beside it.
  var locks: String { path + ".locks" }

  /// How long to wait for other processes: their transactions take milliseconds.
  private static let patience = Duration.seconds(30)

  /// - Throws: a `JournalError`, or SQLite's.
  func open() throws -> Database {
    try refuseNetwork()
    if !exists { try make() }
    try refuseStrangers()
    let db = try Database(path, .readWrite, patience: Self.patience)
    // Sixteen megabytes hold the pages that the transaction of a thousand branches touches. With SQLite's two,
    // pages went to the log before their time, and again at the commit: half as long again.
    try db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000")
    try Self.migrate(db)
    return db
  }

  /// A store that goes with the process.
  static func inMemory() throws -> Database {
    let db = try Database(":memory:")
    try migrate(db)
    return db
  }

  /// Two processes may come here at once: the second finds nothing left to do.
  private static func migrate(_ db: Database) throws {
    func version() throws -> Int { try db.first("PRAGMA user_version") { $0.int(0) } ?? 0 }
    guard try version() < Schema.version else { return }
    try db.inTransaction {
      let version = try version()
      if version < Schema.version { try Schema.migrate(db, from: version) }
    }
  }

  /// Up to this many bytes a file is checked in full when it is opened, which takes some milliseconds; damage
  /// to a larger one shows when it is read.
  private static let quicklyChecked = 4 << 20

  // MARK: Making

  private var exists: Bool {
    var information = stat()
    return stat(path, &information) == 0
  }

  /// What cannot be looked at may be there.
  var isThere: Bool { exists || ![ENOENT, ENOTDIR].contains(errno) }

  func requireFolder() throws(JournalError) {
    let folder = Self.directory(of: path)
    var information = stat()
    guard stat(folder, &information) != 0, errno == ENOENT else { return }
    throw .noFolder(file: path, folder: folder)
  }

  /// Makes the file under another name and gives it its own when it is whole: whoever dies in between leaves
  /// no half of one.
  private func make() throws(JournalError) {
    let directory = Self.directory(of: path)
    try StateDirectory.make(directory, for: path)
    let lock = try LockFile.wait(locks + "/new", in: locks, for: path)
    defer { lock.release() }
    if exists { return }
    let new = path + ".new"
    for leftover in [new, new + "-wal", new + "-shm", new + "-journal"] { unlink(leftover) }
    // SQLite gives its log and index the mode of the file: for the user alone.
    let file = Glibc.open(new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw JournalError(errno: errno, path, file: path) }
    close(file)
    do {
      let db = try Database(new, .readWrite)
      try db.execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL")
      try Self.migrate(db)
      try db.execute("PRAGMA journal_mode = WAL")
      db.close()
    } catch {
      unlink(new)
      throw JournalError(error, file: path)
    }
    guard rename(new, path) == 0 else { throw JournalError(errno: errno, path, file: path) }
    Self.synchronize(directory)
  }

  /// A new name is safe once its directory is on disk.
  private static func synchronize(_ directory: String) {
    let file = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { return }
    fsync(file)
    close(file)
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: Looking

  /// Reads application and version of the file without making a lock, a log or an index.
  ///
  /// By SQLite, not by `open`: closing a descriptor of the file would take away the locks that another
  /// journal of this process has on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
  private func refuseStrangers() throws(JournalError) {
    var information = stat()
    guard stat(path, &information) == 0 else { throw JournalError(errno: errno, path, file: path) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .unusable(file: path, reason: "it is no file")
    }
    guard access(path, R_OK) == 0 else { throw JournalError(errno: errno, path, file: path) }
    if information.st_size == 0 {
      throw .unusable(file: path, reason: "it is empty, which no journal is; delete it if nothing was lost")
    }
    do {
      try lookAtHeader()
      // What a journal needs to be written. The header came first: it says more.
      for place in [path, Self.directory(of: path)] where access(place, W_OK) != 0 {
        throw JournalError.readOnly(file: path)
      }
      // Behind the header, others may write at this moment, so this look takes SQLite's locks. A newer
      // program's version may stand in the log only. A reader leaves file and log as they are.
      let reader = try Database(path, .readOnly, patience: Self.patience)
      try refuseStranger(reader)
      if information.st_size <= Self.quicklyChecked {
        let verdict = try reader.first("PRAGMA quick_check(1)") { $0.text(0) } ?? ""
        guard verdict == "ok" else {
          // Its first line only names the database.
          let lines = verdict.split(separator: "\n").filter { !$0.hasPrefix("***") }
          throw JournalError.corrupt(file: path, detail: lines.joined(separator: "; "))
        }
      }
    } catch {
      throw JournalError(error, file: path)
    }
  }

  /// Looks at the file alone, without its log.
  private func lookAtHeader() throws {
    do {
      try refuseStranger(Database(path, .immutable))
    } catch let error as SQLiteError where error.code == .corrupt && hasLog {
      // Whoever died while the log was carried over has left a part of the pages, and a header that counts all of
      // them. The log still has them, and SQLite carries them over again.
    }
  }

  private var hasLog: Bool {
    var information = stat()
    return stat(path + "-wal", &information) == 0 && information.st_size > 0
  }

  private func refuseStranger(_ db: Database) throws {
    guard try number("application_id", db) == Schema.application else {
      throw JournalError.notAJournal(file: path)
    }
    try refuseNewer(number("user_version", db))
  }

  private func number(_ pragma: String, _ db: Database) throws -> Int {
    try db.first("PRAGMA \(pragma)") { $0.int(0) } ?? 0
  }

  private func refuseNewer(_ version: Int) throws {
    guard version <= Schema.version else {
      throw JournalError.newer(file: path, version: version, known: Schema.version)
    }
  }

  /// File systems over a network have no shared memory, and locks that not all of them keep
  /// (https://www.sqlite.org/wal.html: all processes must be on the same host).
  private func refuseNetwork() throws(JournalError) {
    var directory = Self.directory(of: path)
    var information = stat()
    while stat(directory, &information) != 0, errno == ENOENT, directory != "/", directory != "." {
      directory = Self.directory(of: directory)
    }
    // <sys/sysmacros.h>: twelve and twenty bits, each in two parts.
    let number = UInt64(information.st_dev)
    let major = (number >> 8) & 0xfff | (number >> 32) & ~0xfff
    let minor = number & 0xff | (number >> 12) & 0xffff_ff00
    let device = "\(major):\(minor)"
    let kinds: Set<Substring> = [
      "nfs", "nfs4", "cifs", "smb3", "ceph", "afs", "lustre", "gfs2", "ocfs2", "fuse.sshfs", "fuse.glusterfs",
    ]
    // proc_pid_mountinfo(5): the third field is the device, the kind follows a lone dash.
    for line in SmallFile.text("/proc/self/mountinfo").split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-") else { continue }
      let kind = fields[min(dash + 1, fields.count - 1)]
      if kinds.contains(kind) { throw .onNetwork(file: path, kind: String(kind)) }
    }
  }
}
