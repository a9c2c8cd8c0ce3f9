import Clock
import Testing

@testable import Journal

@Suite struct PermitTests {
  private func request(_ step: String, _ shares: PoolShare...) -> PermitRequest {
    PermitRequest(step: step, shares: shares, at: .at(1))
  }

  private func share(_ pool: String = "p", weight: Int = 1, max: Int = 2) -> PoolShare {
    PoolShare(pool: pool, weight: weight, max: max)
  }

  @Test(arguments: Form.allCases) func `first come, first served, and each wait says why`(_ form: Form)
    async throws
  {
    let stored = Stored(form)
    let claim = try await stored.journal.create(.some())
    func ask(_ step: String) async throws -> PermitAnswer {
      try await stored.journal.request(request(step, share()), by: claim)
    }
    #expect(try await ask("a") == .granted)
    #expect(try await ask("b") == .granted)
    #expect(try await ask("c") == .waiting(PermitWait(pool: "p", inUse: 2, max: 2, ahead: 0)))
    #expect(try await ask("d") == .waiting(PermitWait(pool: "p", inUse: 2, max: 2, ahead: 1)))
    #expect(try await stored.journal.write(.withdraw(step: "a", at: .at(2)), by: claim) == ["p"])
    // There is room, but c was first.
    #expect(try await ask("d") == .waiting(PermitWait(pool: "p", inUse: 1, max: 2, ahead: 1)))
    #expect(try await ask("c") == .granted)
    #expect(try await ask("c") == .granted)
    #expect(try await stored.journal.permits(inPool: "p").map(\.step) == ["b", "c", "d"])
    #expect(try await stored.journal.permits(inPool: "p").map { $0.grantedAt != nil } == [true, true, false])
  }

  @Test func `a permit is the job's: it is free when the last job of a step over is seen to end`()
    async throws
  {
    let stored = Stored()
    let claim = try await stored.journal.create(.some(id: "a"))
    let asked = request("s", share(max: 1))
    #expect(try await stored.journal.request(asked, writing: [.begin(.submit("s"))], by: claim) == .granted)
    try await stored.journal.write(
      .submitted(step: "s", task: nil, jobs: [.eu("1"), .eu("2")]), by: claim)
    // Gave up waiting; the jobs run on, past the run's own end.
    #expect(
      try await stored.journal.write(
        .settle(step: "s", .done, at: .at(2)), .run(.finished, exitCode: 2, at: .at(3)), by: claim) == [])
    claim.release()
    let other = try await stored.journal.create(.some(id: "b"))
    let waiting = request("t", share(max: 1))
    #expect(try await stored.journal.request(waiting, by: other) != .granted)
    #expect(try await stored.journal.permits(inPool: "p")[0].jobs == [.eu("1"), .eu("2")])
    #expect(try await stored.journal.write(.jobEnded(.eu("1"), at: .at(4)), by: other) == [])
    #expect(try await stored.journal.write(.jobEnded(.eu("2"), at: .at(4)), by: other) == ["p"])
    #expect(try await stored.journal.request(waiting, by: other) == .granted)
  }

  @Test func `a job that somebody has said not to be a step's holds none of its permits`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    let asked = request("s", share(max: 1))
    #expect(try await stored.journal.request(asked, writing: [.begin(.submit("s"))], by: claim) == .granted)
    try await stored.journal.write(.submitted(step: "s", task: nil, jobs: [.eu("1")]), by: claim)
    try await stored.journal.write(
      .adopted(step: "s", jobs: [.eu("2")], note: "by hand", at: .at(2)), by: claim)
    #expect(try await stored.journal.permits(inPool: "p")[0].jobs == [.eu("2")])
    #expect(try await stored.journal.write(.settle(step: "s", .done, at: .at(3)), by: claim) == [])
    #expect(try await stored.journal.write(.jobEnded(.eu("2"), at: .at(4)), by: claim) == ["p"])
  }

  @Test func `a step without a job gives its permit back when it is over, not while nobody knows`()
    async throws
  {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    #expect(
      try await stored.journal.request(request("s", share()), writing: [.begin(.submit("s"))], by: claim)
        == .granted)
    for state in [StepState.ambiguous, .needsOperator, .submitted, .intent] {
      #expect(try await stored.journal.write(.settle(step: "s", state, at: .at(2)), by: claim) == [])
    }
    #expect(try await stored.journal.write(.settle(step: "s", .failed, at: .at(2)), by: claim) == ["p"])
  }

  @Test func `an intent is written with the permit, or not at all`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    for step in ["a", "b"] {
      _ = try await stored.journal.request(
        request(step, share(max: 1)), writing: [.begin(.submit(step))], by: claim)
    }
    #expect(try await stored.journal.history(of: claim.run).steps.map(\.key) == ["a"])
    // Asking again for what one has writes nothing again.
    let again = try await stored.journal.request(
      request("a", share(max: 1)), writing: [.begin(.submit("a"))], by: claim)
    #expect(again == .granted)
  }

  @Test func `several pools are had at once or not at all, so nobody waits in a circle`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    let (p, q) = (share("p", max: 1), share("q", max: 1))
    #expect(try await stored.journal.request(request("a", p), by: claim) == .granted)
    #expect(try await stored.journal.request(request("b", p, q), by: claim) != .granted)
    #expect(try await stored.journal.request(request("c", q, p), by: claim) != .granted)
    // q is free, but b came first and holds nothing.
    #expect(
      try await stored.journal.request(request("d", q), by: claim)
        == .waiting(PermitWait(pool: "q", inUse: 0, max: 1, ahead: 2)))
    #expect(try await stored.journal.write(.withdraw(step: "a", at: .at(2)), by: claim) == ["p"])
    #expect(try await stored.journal.request(request("b", p, q), by: claim) == .granted)
    #expect(try await stored.journal.write(.withdraw(step: "b", at: .at(2)), by: claim) == ["p", "q"])
    #expect(try await stored.journal.request(request("c", q, p), by: claim) == .granted)
  }

  @Test func `weights, jobs from outside and the least max all count`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    #expect(try await stored.journal.request(request("a", share(weight: 3, max: 4)), by: claim) == .granted)
    // Somebody was promised four, so ten are not to be had.
    #expect(
      try await stored.journal.request(request("b", share(weight: 2, max: 10)), by: claim)
        == .waiting(PermitWait(pool: "p", inUse: 3, max: 4, ahead: 0)))
    try await stored.journal.write(
      .withdraw(step: "a", at: .at(2)), .withdraw(step: "b", at: .at(2)), by: claim)
    var shared = share(max: 2)
    shared.outside = 2
    #expect(try await stored.journal.request(request("c", shared), by: claim) != .granted)
    shared.outside = 1
    #expect(try await stored.journal.request(request("c", shared), by: claim) == .granted)
    await #expect(throws: JournalError.permitTooHeavy(share("q", weight: 5, max: 4))) {
      try await stored.journal.request(request("d", share("q", weight: 5, max: 4)), by: claim)
    }
  }

  @Test func `the dead do not stand in queues, and get their place back when they return`() async throws {
    let stored = Stored()
    let first = try await stored.journal.create(.some(id: "first"))
    let second = try await stored.journal.create(.some(id: "second"))
    let one = share(max: 1)
    #expect(try await stored.journal.request(request("a", one), by: first) == .granted)
    #expect(try await stored.journal.request(request("b", one), by: first) != .granted)
    #expect(try await stored.journal.request(request("x", one), by: first) != .granted)
    let waiting = try await stored.journal.request(request("c", one), by: second)
    #expect(waiting == .waiting(PermitWait(pool: "p", inUse: 1, max: 1, ahead: 2)))
    first.release()
    #expect(
      try await stored.journal.request(request("c", one), by: second)
        == .waiting(PermitWait(pool: "p", inUse: 1, max: 1, ahead: 0)))
    let resumed = try await stored.journal.claim(first.run)
    // Only what the replay asks for again counts: b does, x does not.
    #expect(try await stored.journal.request(request("a", one), by: resumed) == .granted)
    #expect(try await stored.journal.request(request("b", one), by: resumed) != .granted)
    #expect(
      try await stored.journal.request(request("c", one), by: second)
        == .waiting(PermitWait(pool: "p", inUse: 1, max: 1, ahead: 1)))
  }

  @Test func `the jobs of a run whose process is gone free its permits when somebody sees them end`()
    async throws
  {
    let stored = Stored()
    let gone = try await stored.journal.create(.some(id: "gone"))
    #expect(
      try await stored.journal.request(
        request("s", share(max: 1)), writing: [.begin(.submit("s"))], by: gone) == .granted)
    try await stored.journal.write(
      .submitted(step: "s", task: nil, jobs: [.eu("1"), .eu("2")]), by: gone)
    gone.release()
    #expect(try await stored.journal.pools(of: gone.run) == ["p"])
    let other = try await stored.journal.create(.some(id: "other"))
    #expect(try await stored.journal.write(.jobEnded(.eu("1"), at: .at(4)), by: other) == [])
    #expect(try await stored.journal.write(.jobEnded(.eu("2"), at: .at(5)), by: other) == ["p"])
    #expect(try await stored.journal.pools(of: gone.run) == [])
  }

  @Test func `a run that ends gives back its places and what no job needs`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    #expect(
      try await stored.journal.request(
        request("a", share(max: 1)), writing: [.begin(.submit("a"))], by: claim) == .granted)
    #expect(try await stored.journal.request(request("b", share(max: 1)), by: claim) != .granted)
    #expect(try await stored.journal.write(.run(.interrupted, at: .at(2)), by: claim) == [])
    #expect(try await stored.journal.write(.run(.abandoned, at: .at(2)), by: claim) == ["p"])
    #expect(try await stored.journal.permits(inPool: "p") == [])
  }

  @Test func `forty branches of three journals on one file never hold more than four`() async throws {
    let shelf = Shelf()
    let held = Guarded((now: 0, most: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<3 {
        let journal = shelf.open()
        let claim = try await journal.create(.some(id: "r\(number)"))
        for branch in 0..<(number == 0 ? 14 : 13) {
          group.addTask {
            let asked = PermitRequest(step: "\(branch)", shares: [PoolShare(pool: "p", max: 4)], at: .at(1))
            while try await journal.request(asked, by: claim) != .granted {
              try await Task.sleep(for: .milliseconds(1))
            }
            held.change { held in
              held.now += 1
              held.most = max(held.most, held.now)
            }
            try await Task.sleep(for: .milliseconds(1))
            held.change { $0.now -= 1 }
            try await journal.write(.withdraw(step: asked.step, at: .at(2)), by: claim)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(held.now.most == 4)
  }

  @Test func `forty branches of three processes never hold more than four`() {
    let shelf = Shelf()
    let slots = Shelf()
    let children = (0..<3).map { Child("pool", shelf.file, "4", $0 == 0 ? "14" : "13", slots.path) }
    let lines = children.flatMap { $0.rest() }
    for child in children { child.end() }
    #expect(lines == Array(repeating: "through", count: 40))
  }
}
