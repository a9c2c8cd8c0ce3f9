import Clock
import Glibc
import Journal
import Synchronization

/// A folder with a journal in it, gone with the test.
final class Shelf: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/cvlua-journal-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template)!)
  }

  deinit { system("rm -rf -- '\(path)'") }

  var file: String { path + "/journal.db" }

  func open(_ hooks: JournalHooks = JournalHooks()) -> SQLiteJournal {
    SQLiteJournal(file: file, hooks: hooks)
  }

  func write(_ bytes: [UInt8], to name: String = "journal.db") {
    let file = fopen(path + "/" + name, "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  func read(_ name: String = "journal.db") -> [UInt8]? {
    guard let file = fopen(path + "/" + name, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc_unlocked(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }

  /// Lets stock `sqlite3` do something to the journal.
  func sqlite(_ sql: String) {
    let status = system("sqlite3 '\(file)' \"\(sql)\" > /dev/null")
    precondition(status == 0, "sqlite3 could not: \(sql)")
  }
}

extension Moment {
  static func at(_ seconds: Int64) -> Moment { Moment(unixSeconds: 1_795_305_600 + seconds) }
}

extension NewRun {
  static func some(_ script: String = "nightly.lua", at seconds: Int64 = 0, id: String? = nil) -> NewRun {
    var run = NewRun(
      script: Source(name: script, bytes: Array("print(1)".utf8)), night: "2026-11-21",
      startedAt: .at(seconds))
    run.id = id.map(RunID.init)
    return run
  }
}

extension NewStep {
  static func submit(_ key: String, attempt: Int = 1) -> NewStep {
    NewStep(
      key: key, kind: .submit, argumentsHash: "a", place: "nightly.lua:3", startedAt: .at(1),
      attempt: Attempt(number: attempt, token: "t\(attempt)", sendBefore: .at(100)), server: "eu")
  }

  static func value(_ key: String) -> NewStep { NewStep(key: key, kind: .value, startedAt: .at(1)) }
}

extension Job {
  static func eu(_ id: String) -> Job { Job(server: "eu", id: id) }
}

/// A value that several tasks of a test change.
final class Guarded<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func change(_ body: (inout Value) -> Void) { value.withLock { body(&$0) } }

  var now: Value { value.withLock { $0 } }
}
