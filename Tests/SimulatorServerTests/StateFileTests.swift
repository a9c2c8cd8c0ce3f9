import Clock
import Glibc
import SQLite
import Simulator
import SimulatorServer
import Testing

@Suite("The state of a simulator in a file")
struct StateFileTests {
  private let folder: Folder
  private var path: String { folder.path + "/state" }

  init() throws { folder = try Folder() }

  private func record(_ key: String, _ json: String?) -> StateRecord {
    StateRecord(kind: "job", key: key, json: json.map { Array($0.utf8) })
  }

  @Test("What was saved is there when the file is opened again, and only its owner can read it")
  func roundTrip() throws {
    do {
      let file = try StateFile(path: path)
      #expect(try file.load().isEmpty)
      try file.save([record("1", "{}"), record("2", "{\"a\":\"ü\"}"), record("3", "{}")])
      try file.save([record("1", nil), record("2", "{\"a\":2}")])
      try file.save([])
    }
    let kept = try StateFile(path: path).load().sorted { $0.key < $1.key }
    #expect(kept == [record("2", "{\"a\":2}"), record("3", "{}")])
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test("A simulator goes on from its file")
  func simulator() throws {
    var settings = SimulatorSettings()
    settings.tokens = [Served.token]
    func start(_ file: StateFile) throws -> Simulator {
      try Simulator(clock: file.clock(speed: 1), settings: settings, store: file)
    }
    let pair: AccessTokenPair
    do { pair = try start(StateFile(path: path)).makeAccessToken() }
    let next = try start(StateFile(path: path)).makeAccessToken()
    #expect(next.accessToken != pair.accessToken)
  }

  @Test("The clock never goes back, however its speed changes")
  func clock() throws {
    var last = SystemClock().now
    for speed in [3600.0, 1, 60, 1] {
      let clock = try StateFile(path: path).clock(speed: speed)
      #expect(clock.now >= last)
      usleep(2000)
      last = clock.now
    }
    #expect(last > SystemClock().now)
  }

  @Test("A second process is refused while the first one has the file")
  func inUse() throws {
    let file = try StateFile(path: path)
    let error = #expect(throws: StateError.self) { try StateFile(path: path) }
    #expect(error?.description == "\(path) is in use by another cvlua simulator")
    withExtendedLifetime(file) {}
  }

  @Test("A file that is something else is refused, and left as it is")
  func foreign() throws {
    try folder.write("state", Array("hello".utf8))
    try expectRefusal("something else")
    unlink(path)
    let other = try Database(path)
    try other.execute("CREATE TABLE precious (thing)")
    other.close()
    try expectRefusal("something else")
  }

  @Test("A file of a newer version is refused, and left as it is")
  func newer() throws {
    try makeFile()
    let database = try Database(path)
    try database.execute("PRAGMA user_version = 2")
    database.close()
    try expectRefusal("newer cvlua")
  }

  @Test("A file whose pages are damaged is refused, and left as it is", arguments: [3800, 4096, 12_288])
  func damaged(at place: Int) throws {
    try makeFile()
    var bytes = try folder.read("state")
    for index in place..<min(place + 3000, bytes.count) { bytes[index] = 0xA5 }
    try folder.write("state", bytes)
    try expectRefusal("is damaged")
  }

  @Test("A file that is cut short is refused, and left as it is")
  func short() throws {
    try makeFile()
    try folder.write("state", Array(try folder.read("state").prefix(5000)))
    try expectRefusal("is damaged")
    try folder.write("state", Array(try folder.read("state").prefix(50)))
    try expectRefusal("something else")
  }

  @Test("A place where no file can be is told")
  func place() {
    let missing = #expect(throws: StateError.self) { try StateFile(path: folder.path + "/no/state") }
    #expect(missing?.description.hasSuffix("cannot be made: No such file or directory") == true)
    let directory = #expect(throws: StateError.self) { try StateFile(path: folder.path) }
    #expect(directory?.description.hasSuffix("cannot be read: Is a directory") == true)
  }

  private func makeFile() throws {
    let file = try StateFile(path: path)
    try file.save((0..<40).map { record(String($0), "{\"text\":\"\(String(repeating: "x", count: 300))\"}") })
  }

  private func expectRefusal(_ part: String) throws {
    let before = try folder.read("state")
    let error = #expect(throws: StateError.self) { try StateFile(path: path) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
    #expect(try folder.read("state") == before)
  }
}

/// A temporary folder that goes with its test.
private final class Folder: Sendable {
  struct Failure: Error { let errno: Int32 }

  let path: String

  init() throws {
    var template = Array("/tmp/cvlua-state-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["state", "state-wal", "state-shm", "state-journal"] { unlink(path + "/" + name) }
    rmdir(path)
  }

  func read(_ name: String) throws -> [UInt8] {
    guard let file = fopen(path + "/" + name, "r") else { throw Failure(errno: errno) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    guard let file = fopen(path + "/" + name, "w") else { throw Failure(errno: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure(errno: errno) }
  }
}
