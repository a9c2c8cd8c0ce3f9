import Clock
import Glibc
import Journal
import Testing

/// What a file, a directory or a disk can do to a journal.
@Suite struct FileTests {
  /// What opening the journal throws. The file is the same afterwards, byte for byte.
  private func refusal(_ shelf: Shelf) async -> JournalError? {
    let before = shelf.read()
    defer { #expect(shelf.read() == before) }
    do {
      _ = try await shelf.open().runs(RunFilter())
      return nil
    } catch {
      return error
    }
  }

  /// A shelf with a journal of one run, closed.
  private func filled() async throws -> Shelf {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    try await journal.write(.begin(.value("s")), by: claim)
    await journal.close()
    return shelf
  }

  @Test func `nothing is made before the first use, then all is the user's alone`() async throws {
    let shelf = Shelf()
    let file = shelf.path + "/state/cvlua/journal.db"
    let journal = SQLiteJournal(file: file)
    #expect(access(shelf.path + "/state", F_OK) != 0)
    let claim = try await journal.create(.some())
    func mode(_ path: String) -> mode_t {
      var information = stat()
      stat(path, &information)
      return information.st_mode & 0o777
    }
    #expect(mode(shelf.path + "/state") == 0o700)
    #expect(mode(shelf.path + "/state/cvlua") == 0o700)
    #expect(mode(file + ".locks") == 0o700)
    #expect(mode(file) == 0o600)
    #expect(mode(file + "-wal") == 0o600)
    #expect(mode(file + "-shm") == 0o600)
    claim.release()
  }

  @Test func `processes that start at once make one journal`() async throws {
    let shelf = Shelf()
    let slots = Shelf()
    let children = (0..<4).map { _ in Child("pool", shelf.file, "9", "1", slots.path) }
    #expect(children.flatMap { $0.rest() } == Array(repeating: "through", count: 4))
    for child in children { child.end() }
    #expect(try await shelf.open().runs(RunFilter()).count == 4)
  }

  @Test func `a file that is no database is refused`() async {
    let shelf = Shelf()
    shelf.write(
      Array("-- my precious notes, longer than a header of one hundred bytes".utf8)
        + [UInt8](repeating: 65, count: 600))
    #expect(await refusal(shelf) == .notAJournal(file: shelf.file))
  }

  @Test func `a database of another program is refused`() async {
    let shelf = Shelf()
    shelf.sqlite("CREATE TABLE precious (a); INSERT INTO precious VALUES (1)")
    let error = await refusal(shelf)
    #expect(error == .notAJournal(file: shelf.file))
    #expect(
      error?.description
        == "\(shelf.file) is no journal of cvlua and was left as it is; name another file with --journal")
  }

  @Test func `an empty file is refused: a journal that was lost is no fresh start`() async {
    let shelf = Shelf()
    shelf.write([])
    let error = await refusal(shelf)
    #expect(
      error?.description.contains("it is empty, which no journal is; delete it if nothing was lost") == true)
  }

  @Test func `a directory in its place is refused`() async {
    let shelf = Shelf()
    mkdir(shelf.file, 0o700)
    await #expect(throws: JournalError.unusable(file: shelf.file, reason: "it is no file")) {
      try await shelf.open().runs(RunFilter())
    }
  }

  @Test func `a newer journal is refused, and says how to go on`() async throws {
    let shelf = try await filled()
    shelf.sqlite("PRAGMA user_version = 7")
    let error = await refusal(shelf)
    #expect(error == .newer(file: shelf.file, version: 7, known: 3))
    #expect(error?.description.contains("run the newer cvlua, or name another file with --journal") == true)
  }

  @Test func `a newer version that only the log knows of is refused, and the log stays`() async throws {
    let shelf = try await filled()
    // The program that wrote it dies before the log goes into the file.
    let status = system(
      """
      cd '\(shelf.path)' && printf 'PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 7; SELECT 1;\\n.shell kill -9 $PPID\\n' |
        sqlite3 journal.db > /dev/null 2>&1
      """)
    #expect(status != 0)
    let log = shelf.read("journal.db-wal")
    #expect(log?.isEmpty == false)
    #expect(await refusal(shelf) == .newer(file: shelf.file, version: 7, known: 3))
    #expect(shelf.read("journal.db-wal") == log)
  }

  @Test func `a damaged journal is refused: one cut off, and one with other bytes within`() async throws {
    let shelf = try await filled()
    let whole = try #require(shelf.read())
    for length in [50, 100, 512, 5000, whole.count / 2, whole.count - 4096] {
      shelf.write(Array(whole[..<length]))
      let error = await refusal(shelf)
      #expect(error?.isDamage == true, "cut at \(length): \(String(describing: error))")
    }
    for place in stride(from: 100, to: whole.count, by: 4096) {
      var bytes = whole
      for index in place..<min(place + 64, whole.count) { bytes[index] ^= 0xa5 }
      shelf.write(bytes)
      let error = await refusal(shelf)
      // Bytes between the cells of a page mean nothing.
      #expect(
        error == nil || error?.isDamage == true, "other bytes at \(place): \(String(describing: error))")
      // One sentence, whatever SQLite says.
      #expect(error?.description.contains("\n") != true)
      #expect(error?.description.contains("()") != true)
    }
    shelf.write(whole)
    #expect(await refusal(shelf) == nil)
  }

  @Test func `a death while the log is carried into the file has damaged nothing`() async throws {
    let shelf = try await filled()
    let old = try #require(shelf.read())
    // A log that makes the file longer, and the file as it is to become.
    let status = system(
      """
      cd '\(shelf.path)' && printf 'PRAGMA wal_autocheckpoint = 0; INSERT INTO sources SELECT printf("%%d", value), zeroblob(3000)
        FROM generate_series(1, 99);\n.shell cp journal.db-wal kept\n' |
        sqlite3 journal.db > /dev/null
      """)
    #expect(status == 0)
    let new = try #require(shelf.read())
    #expect(new.count > old.count)
    // Pages are carried over in their order; the first one counts all of them.
    shelf.write(Array(new[..<4096] + old[4096...]))
    rename(shelf.path + "/kept", shelf.file + "-wal")
    let journal = shelf.open()
    #expect(try await journal.runs(RunFilter()).count == 1)
    await journal.close()
    #expect(shelf.read()?.count == new.count)
  }

  @Test func `damage that shows only later is an error that names the file, and no crash`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    // More than is checked when it is opened.
    let result = [UInt8](repeating: 7, count: 200)
    try await journal.write(
      (0..<20_000).flatMap {
        [.begin(.value("\($0)")), .settle(step: "\($0)", .done, result: result, at: .at(1))]
      },
      by: claim)
    claim.release()
    await journal.close()
    var bytes = try #require(shelf.read())
    #expect(bytes.count > 5 << 20)
    for index in bytes.count / 2..<bytes.count / 2 + 40_960 { bytes[index] = 0xff }
    shelf.write(bytes)
    await #expect(
      performing: { try await shelf.open().history(of: claim.run) },
      throws: { ($0 as? JournalError)?.isDamage == true })
  }

  @Test func `odd names do no harm`() async throws {
    let shelf = Shelf()
    for name in ["a?mode=memory", "ü #1%20.db", "it's"] {
      let journal = SQLiteJournal(file: shelf.path + "/" + name)
      try await journal.create(.some(id: "../../x")).release()
      await journal.close()
      #expect(try await SQLiteJournal(file: shelf.path + "/" + name).runs(RunFilter()).count == 1)
      #expect(shelf.read(name) != nil)
    }
  }

  @Test func `a journal that is deleted while in use takes nothing more, until it is back`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some())
    rename(shelf.file, shelf.file + ".away")
    await #expect(throws: JournalError.vanished(file: shelf.file)) {
      try await journal.write(.begin(.value("a")), by: claim)
    }
    shelf.write([1])
    await #expect(throws: JournalError.vanished(file: shelf.file)) {
      try await journal.write(.begin(.value("a")), by: claim)
    }
    rename(shelf.file + ".away", shelf.file)
    try await journal.write(.begin(.value("a")), by: claim)
  }

  @Test func `a file that may not grow loses nothing, and later writes succeed again`() async throws {
    let shelf = try await filled()
    let child = Child("limit", shelf.file, "a")
    let lines = child.rest()
    child.end()
    let written = lines.filter { $0.hasPrefix("wrote ") }.map { String($0.dropFirst(6)) }
    #expect(lines.contains { $0.hasPrefix("refused: the journal \(shelf.file) cannot be written or read: ") })
    #expect(written.last == "after")
    #expect(try await shelf.open().history(of: RunID("a")).steps.map(\.key) == ["s"] + written)
  }

  @Test(.enabled(if: geteuid() == 0 && Mount.works, "mounts, so only as root where the kernel lets it"))
  func `a small disk that runs full says so, and goes on once there is room`() async throws {
    let shelf = Shelf()
    let mount = try #require(Mount(shelf.path, "size=1m"))
    defer { mount.end() }
    let journal = shelf.open()
    let claim = try await journal.create(.some())
    let filler = [UInt8](repeating: 1, count: 2 << 20)
    shelf.write(filler, to: "filler")
    var refused: JournalError?
    var written = 0
    while refused == nil, written < 10_000 {
      do {
        try await journal.write(.begin(.value("\(written)")), by: claim)
        written += 1
      } catch {
        refused = error
      }
    }
    #expect(refused == .full(file: shelf.file))
    // Nor is one made where there is no room for it.
    let second = SQLiteJournal(file: shelf.path + "/second.db")
    await #expect(
      performing: { try await second.runs(RunFilter()) },
      throws: { ($0 as? JournalError)?.isOfTheDisk == true })
    #expect(shelf.read("second.db") == nil)
    unlink(shelf.path + "/filler")
    try await journal.write(.begin(.value("after")), by: claim)
    #expect(try await journal.history(of: claim.run).steps.count == written + 1)
    _ = try await second.runs(RunFilter())
    await journal.close()
    await second.close()
  }

  @Test(.enabled(if: geteuid() == 0 && Mount.works, "mounts, so only as root where the kernel lets it"))
  func `a disk that is read-only is refused, whether there is a journal on it or none`() async throws {
    let shelf = Shelf()
    let mount = try #require(Mount(shelf.path, "size=1m"))
    defer { mount.end() }
    let journal = shelf.open()
    try await journal.create(.some(id: "a")).release()
    await journal.close()
    mount.makeReadOnly()
    #expect(await refusal(shelf) == .readOnly(file: shelf.file))
    let new = SQLiteJournal(file: shelf.path + "/new.db")
    await #expect(throws: JournalError.readOnly(file: shelf.path + "/new.db")) {
      try await new.create(.some())
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func `a directory that may not be written is refused`() async throws {
    let shelf = try await filled()
    chmod(shelf.path, 0o500)
    defer { chmod(shelf.path, 0o700) }
    #expect(await refusal(shelf) == .readOnly(file: shelf.file))
  }
}

extension JournalError {
  fileprivate var isDamage: Bool {
    switch self {
    case .corrupt, .notAJournal: true
    default: false
    }
  }
}

/// A file system in memory, of a size.
private struct Mount {
  let path: String

  init?(_ path: String, _ options: String) {
    self.path = path
    guard mount("tmpfs", path, "tmpfs", 0, options) == 0 else { return nil }
  }

  func makeReadOnly() { mount("tmpfs", path, "tmpfs", UInt(MS_RDONLY | MS_REMOUNT), nil) }

  func end() { umount2(path, Int32(MNT_DETACH)) }

  static let works: Bool = {
    let shelf = Shelf()
    guard let mount = Mount(shelf.path, "size=1m") else { return false }
    mount.end()
    return true
  }()
}
