import Clock
import Glibc
import Journal
import Synchronization
import Testing

@testable import Workflow

/// Takes letters, or does not.
private final class Postman: Courier {
  private let state = Mutex((refusals: 0, taken: [Letter]()))

  var taken: [Letter] { state.withLock { $0.taken } }

  init(refusals: Int = 0) { state.withLock { $0.refusals = refusals } }

  func deliver(_ letter: Letter) async throws(Undelivered) {
    let refused = state.withLock { state in
      if state.refusals > 0 {
        state.refusals -= 1
        return true
      }
      state.taken.append(letter)
      return false
    }
    if refused { throw Undelivered("its server answered 500") }
  }
}

@Suite("The outbox")
struct OutboxTests {
  private let clock = SystemClock()
  private let letter = Letter(profile: "prod", form: .slack, body: Array("{\"text\":\"x\"}".utf8))

  /// A journal in a folder of its own, with a run that has something to tell.
  private func journal() async throws -> (SQLiteJournal, RunClaim) {
    let store = SQLiteJournal(file: "/tmp/cvlua-outbox-\(getpid())-\(UInt32.random(in: 0...UInt32.max))/j.db")
    let start = clock.now
    let run = NewRun(script: Source(name: "/s.lua", bytes: []), night: "2026-11-21", startedAt: start)
    let claim = try await store.create(run)
    let message = NewMessage(key: "a", kind: "attention", payload: letter.encoded, createdAt: start)
    // A replay says it again.
    try await store.write(.message(message), by: claim)
    try await store.write(.message(message), by: claim)
    return (store, claim)
  }

  @Test("tells a message once, however often it is asked to")
  func once() async throws {
    let (store, claim) = try await journal()
    let postman = Postman()
    let outbox = Outbox(store, clock, postman)
    #expect(await outbox.deliver() == [])
    #expect(await outbox.deliver(of: claim.run) == [])
    #expect(postman.taken == [letter])
    await store.close()
  }

  @Test("tries again some times, and keeps what nobody takes for the next process")
  func again() async throws {
    let (store, claim) = try await journal()
    let late = Postman(refusals: 2)
    let left = await Outbox(store, clock, late).deliver(of: claim.run, pauses: [.milliseconds(1)])
    #expect(
      left == [
        "attention.slack of profile prod could not be told of run \(claim.run): its server answered 500; it is kept and tried again with the next run or cvlua resume"
      ])
    #expect(late.taken == [])
    let record = try #require(try await store.messages(of: claim.run).first)
    #expect(record.tries == 2)
    #expect(record.lastError == "its server answered 500")
    let next = Postman()
    #expect(await Outbox(store, clock, next).deliver() == [])
    #expect(next.taken == [letter])
    await store.close()
  }

  @Test("a letter keeps its address's name, never the address")
  func letters() throws {
    var named = letter
    named.secret = "oncall"
    #expect(Letter(named.encoded) == named)
    #expect(Letter(letter.encoded) == letter)
    #expect(Letter(Array("{}".utf8)) == nil)
    #expect(named.place == "secrets.oncall of profile prod")
  }
}
