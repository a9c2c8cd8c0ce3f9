import Clock
import Testing

@testable import Journal

@Suite struct MemoryTests {
  private static let now = Moment(unixSeconds: Int64(1_795_298_400))

  private func run(_ script: String, isSimulated: Bool = false) -> NewRun {
    var run = NewRun.some()
    run.script = Source(name: script, bytes: run.script.bytes)
    run.isSimulated = isSimulated
    return run
  }

  @Test(arguments: Form.allCases)
  func `a run knows what an earlier one of its script remembered last, and no other script does`(
    _ form: Form
  ) async throws {
    let journal = Stored(form).journal
    let first = try await journal.create(run("a.lua"))
    #expect(try await journal.memory("tables", of: first) == nil)
    try await journal.write(.remember("tables", [1], at: Self.now), by: first)
    try await journal.write(.remember("tables", [2, 0], at: Self.now), by: first)
    try await journal.write(.remember("other", [3], at: Self.now), by: first)
    #expect(try await journal.memory("tables", of: try await journal.create(run("a.lua"))) == [2, 0])
    #expect(try await journal.memory("tables", of: try await journal.create(run("b.lua"))) == nil)
  }

  @Test func `a rehearsal has a memory of its own`() async throws {
    let journal = Stored().journal
    let live = try await journal.create(run("a.lua"))
    try await journal.write(.remember("tables", [1], at: Self.now), by: live)
    let simulated = try await journal.create(run("a.lua", isSimulated: true))
    #expect(try await journal.memory("tables", of: simulated) == nil)
    try await journal.write(.remember("tables", [2], at: Self.now), by: simulated)
    #expect(try await journal.memory("tables", of: live) == [1])
  }

  @Test func `memory outlives the runs`() async throws {
    let journal = Stored().journal
    let first = try await journal.create(run("a.lua"))
    try await journal.write(
      .remember("tables", [1], at: Self.now), .run(.finished, exitCode: 0, at: Self.now), by: first)
    #expect(try await journal.prune(olderThan: nil, keep: 0) == [first.run])
    #expect(try await journal.memory("tables", of: try await journal.create(run("a.lua"))) == [1])
  }

  @Test func `a journal of the first version learns to remember`() async throws {
    let shelf = Shelf()
    let old = shelf.open()
    _ = try await old.create(run("a.lua"))
    await old.close()
    shelf.sqlite("DROP TABLE memories; ALTER TABLE jobs DROP COLUMN dropped_at; PRAGMA user_version = 1")
    let journal = shelf.open()
    #expect(try await journal.runs(RunFilter()).count == 1)
    let claim = try await journal.create(run("a.lua"))
    try await journal.write(.remember("tables", [1], at: Self.now), by: claim)
    #expect(try await journal.memory("tables", of: claim) == [1])
  }
}
