import Clock
import Testing

@testable import Journal

/// Both forms of the store.
enum Form: CaseIterable, Sendable { case file, memory }

/// A store for a test, with the folder that it lies in.
struct Stored {
  let shelf = Shelf()
  let journal: SQLiteJournal

  init(_ form: Form = .file, _ hooks: JournalHooks = JournalHooks()) {
    journal = form == .file ? shelf.open(hooks) : SQLiteJournal(inMemory: hooks)
  }
}

@Suite struct RunTests {
  @Test(arguments: Form.allCases) func `a run comes back as it was created`(_ form: Form) async throws {
    let stored = Stored(form)
    var run = NewRun.some(id: "20261121-2200-k3f9")
    run.modules = [Source(name: "ladder", bytes: Array("return 1".utf8))]
    run.arguments = ["eu", "", "two words"]
    run.isSimulated = true
    run.seed = .max
    run.options = [0, 255, 7]
    let claim = try await stored.journal.create(run)
    let history = try await stored.journal.history(of: claim.run)
    #expect(history.run.id.description == "20261121-2200-k3f9")
    #expect(history.run.script == "nightly.lua")
    #expect(history.run.arguments == run.arguments)
    #expect(history.run.night == "2026-11-21")
    #expect(history.run.startedAt == run.startedAt)
    #expect(history.run.state == .running)
    #expect(history.run.endedAt == nil)
    #expect(history.run.epoch == 1)
    #expect(history.run.owner == .current)
    #expect(history.run.isSimulated)
    #expect(history.run.seed == .max)
    #expect(history.run.options == [0, 255, 7])
    #expect(history.sources == ["nightly.lua": run.script.hash, "ladder": run.modules[0].hash])
    #expect(try await stored.journal.source(history.run.scriptHash) == run.script.bytes)
  }

  @Test func `a store made a name for the run, by its start in UTC`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    #expect(claim.run.description.hasPrefix("20261122-0000-"))
    #expect(claim.run.description.count == 18)
  }

  @Test func `runs of one minute get names of their own`() async throws {
    let stored = Stored(.memory)
    var names: Set<RunID> = []
    for _ in 0..<200 { names.insert(try await stored.journal.create(.some()).run) }
    #expect(names.count == 200)
  }

  @Test func `a name that was given is not given again`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some(id: "a"))
    await #expect(throws: JournalError.runIsAlive(run: claim.run, holder: Owner.current.description)) {
      try await stored.journal.create(.some(id: "a"))
    }
    claim.release()
    await #expect(throws: JournalError.runExists(claim.run)) {
      try await stored.journal.create(.some(id: "a"))
    }
  }

  @Test func `a list has the newest first, and what was asked for`() async throws {
    let stored = Stored(.memory)
    for (script, second) in [("a", 1), ("b", 3), ("a", 2)] {
      let claim = try await stored.journal.create(.some(script, at: Int64(second), id: "\(script)\(second)"))
      if second == 2 { try await stored.journal.write(.run(.finished, exitCode: 3, at: .at(9)), by: claim) }
    }
    func names(_ filter: RunFilter) async throws -> [String] {
      try await stored.journal.runs(filter).map(\.id.description)
    }
    #expect(try await names(RunFilter()) == ["b3", "a2", "a1"])
    #expect(try await names(RunFilter(limit: 2)) == ["b3", "a2"])
    #expect(try await names(RunFilter(script: "a")) == ["a2", "a1"])
    #expect(try await names(.unfinished) == ["b3", "a1"])
    var filter = RunFilter(states: [.finished])
    #expect(try await names(filter) == ["a2"])
    filter.since = .at(3)
    #expect(try await names(filter) == [])
    #expect(try await stored.journal.runs(RunFilter(states: [.finished])).first?.exitCode == 3)
  }

  @Test func `a run that ended is not claimed again, one that was interrupted is`() async throws {
    let stored = Stored()
    for state in RunState.allCases {
      let claim = try await stored.journal.create(.some(id: state.rawValue))
      try await stored.journal.write(.run(state, exitCode: 20, at: .at(5)), by: claim)
      claim.release()
      if state.isEnd {
        await #expect(throws: JournalError.runHasEnded(run: claim.run, state: state)) {
          try await stored.journal.claim(claim.run)
        }
      } else {
        let second = try await stored.journal.claim(claim.run)
        #expect(second.epoch == 2)
        let run = try await stored.journal.history(of: claim.run).run
        #expect(run.state == .running)
        #expect(run.exitCode == nil)
        #expect(run.endedAt == nil)
      }
    }
    await #expect(throws: JournalError.noSuchRun(RunID("nobody"))) {
      try await stored.journal.claim(RunID("nobody"))
    }
  }

  @Test(arguments: Form.allCases) func `whoever was overtaken writes nothing more`(_ form: Form) async throws
  {
    let stored = Stored(form)
    let old = try await stored.journal.create(.some(id: "a"))
    try await stored.journal.write(.begin(.value("one")), by: old)
    old.release()
    let new = try await stored.journal.claim(old.run)
    await #expect(throws: JournalError.staleClaim(run: old.run, epoch: 1, now: 2)) {
      try await stored.journal.write(.begin(.value("two")), by: old)
    }
    await #expect(throws: JournalError.staleClaim(run: old.run, epoch: 1, now: 2)) {
      try await stored.journal.request(
        PermitRequest(step: "s", shares: [PoolShare(pool: "p", max: 1)], at: .at(1)), by: old)
    }
    try await stored.journal.write(.begin(.value("three")), by: new)
    #expect(try await stored.journal.history(of: new.run).steps.map(\.key) == ["one", "three"])
  }

  @Test func `a module that is required later joins the sources, and stays the same`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some(id: "a"))
    let module = Source(name: "notify", bytes: [1, 2])
    try await stored.journal.write(.source(module), .source(module), by: claim)
    #expect(try await stored.journal.history(of: claim.run).sources["notify"] == module.hash)
    await #expect(throws: JournalError.sourceDiffers(run: claim.run, name: "notify")) {
      try await stored.journal.write(.source(Source(name: "notify", bytes: [3])), by: claim)
    }
  }

  @Test func `the state directory is systemd's, then XDG's, then the home's`() throws {
    func path(_ environment: [String: String]) throws -> String {
      try StateDirectory.path { environment[$0] }
    }
    #expect(try path(["STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "HOME": "/h"]) == "/var/lib/a")
    #expect(try path(["STATE_DIRECTORY": "", "XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/cvlua")
    #expect(try path(["XDG_STATE_HOME": "relative", "HOME": "/tmp"]) == "/tmp/.local/state/cvlua")
    #expect(throws: JournalError.noStateDirectory) { try path(["HOME": "/nonexistent"]) }
    #expect(throws: JournalError.noStateDirectory) { try path([:]) }
  }
}
