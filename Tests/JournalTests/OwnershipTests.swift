import Clock
import Glibc
import Journal
import Testing

@Suite struct OwnershipTests {
  @Test func `a run that a live process drives is refused, and its dead owner is known at once`() async throws
  {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    claim.release()
    let child = Child("claim", shelf.file, "a")
    #expect(child.line() == "claimed 2")
    let owner = try await journal.history(of: claim.run).run.owner
    #expect(owner.host == Owner.current.host && owner.boot == Owner.current.boot)
    #expect(owner.process != Owner.current.process)
    await #expect(throws: JournalError.runIsAlive(run: claim.run, holder: owner.description)) {
      try await journal.claim(claim.run)
    }
    #expect(try await journal.isAlive(claim.run))
    child.kill()
    #expect(try await !journal.isAlive(claim.run))
    #expect(try await journal.claim(claim.run).epoch == 3)
  }

  @Test func `a script is run by one process at a time`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    let child = Child("script", shelf.file, "/etc/nightly.lua")
    #expect(child.line() == "locked")
    let error = await #expect(throws: JournalError.self) {
      try await journal.lock(script: "/etc/nightly.lua")
    }
    #expect(error?.description.hasPrefix("/etc/nightly.lua is being run by process ") == true)
    let other = try await journal.lock(script: "/etc/weekly.lua")
    other.release()
    child.kill()
    let lock = try await journal.lock(script: "/etc/nightly.lua")
    let late = Child("script", shelf.file, "/etc/nightly.lua")
    #expect(
      late.line()?.hasPrefix("refused: /etc/nightly.lua is being run by process \(getpid()) on ") == true)
    late.end()
    lock.release()
  }

  @Test func `two journals of one process do not own a run both`() async throws {
    let shelf = Shelf()
    let first = shelf.open()
    let claim = try await first.create(.some(id: "a"))
    let second = shelf.open()
    await #expect(throws: JournalError.runIsAlive(run: claim.run, holder: Owner.current.description)) {
      try await second.claim(claim.run)
    }
    claim.release()
    #expect(try await second.claim(claim.run).epoch == 2)
  }

  @Test func `processes that race for a run own it one after the other`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    let claim = try await journal.create(.some(id: "a"))
    claim.release()
    let children = (0..<3).map { _ in Child("race", shelf.file, "a", shelf.path + "/owned") }
    let lines = children.flatMap { $0.rest() }
    for child in children { child.end() }
    #expect(lines == ["won 50", "won 50", "won 50"])
    let history = try await journal.history(of: claim.run)
    #expect(history.run.epoch == 151)
    #expect(history.steps.count == 150)
  }

  @Test func `a lock that was let go leaves no file behind`() async throws {
    let shelf = Shelf()
    let journal = shelf.open()
    try await journal.create(.some(id: "a")).release()
    #expect(shelf.read("journal.db.locks/run-a") == nil)
  }
}
