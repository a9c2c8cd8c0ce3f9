import Clock
import Journal
import Testing

@Suite struct PruneTests {
  /// Runs `a0`, `a1` … of these states, each a second younger.
  private func fill(_ stored: Stored, _ states: [RunState]) async throws {
    for (number, state) in states.enumerated() {
      var run = NewRun.some("s\(number % 2)", at: Int64(number), id: "a\(number)")
      run.script.bytes = [UInt8(number)]
      let claim = try await stored.journal.create(run)
      try await stored.journal.write(
        .begin(.submit("s")), .submitted(step: "s", task: nil, jobs: [.eu("\(number)")]),
        .settle(step: "s", .done, at: .at(1)), .run(state, at: .at(2)), by: claim)
    }
  }

  private func left(_ stored: Stored) async throws -> [String] {
    try await stored.journal.runs(RunFilter()).map(\.id.description)
  }

  @Test func `old runs go with all that is theirs, unfinished ones never`() async throws {
    let stored = Stored()
    try await fill(
      stored, [.finished, .running, .abandoned, .interrupted, .needsOperator, .finished, .finished])
    let old = try await stored.journal.history(of: RunID("a0")).run.scriptHash
    let pruned = try await stored.journal.prune(olderThan: .at(6), keep: 1)
    #expect(pruned.map(\.description) == ["a5", "a2", "a0"])
    #expect(try await left(stored) == ["a6", "a4", "a3", "a1"])
    #expect(try await stored.journal.holder(of: .eu("0")) == nil)
    #expect(try await stored.journal.holder(of: .eu("1")) != nil)
    #expect(try await stored.journal.source(old) == nil)
    #expect(try await stored.journal.history(of: RunID("a1")).steps.count == 1)
  }

  @Test func `the newest stay, however old`() async throws {
    let stored = Stored(.memory)
    try await fill(stored, [.finished, .finished, .running, .finished])
    #expect(try await stored.journal.prune(olderThan: nil, keep: 2).map(\.description) == ["a0"])
    #expect(try await stored.journal.prune(olderThan: .at(0), keep: 0) == [])
    #expect(try await stored.journal.prune(olderThan: nil, keep: 0).map(\.description) == ["a3", "a1"])
    #expect(try await left(stored) == ["a2"])
  }

  @Test func `a run stays whose job still holds a permit, or whose message nobody has got`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some(id: "a"))
    let request = PermitRequest(step: "s", shares: [PoolShare(pool: "p", max: 1)], at: .at(1))
    #expect(
      try await stored.journal.request(request, writing: [.begin(.submit("s"))], by: claim) == .granted)
    try await stored.journal.write(
      .submitted(step: "s", task: nil, jobs: [.eu("1")]), .settle(step: "s", .done, at: .at(2)),
      .message(NewMessage(key: "m", kind: "ping", payload: [], createdAt: .at(2))),
      .run(.finished, at: .at(3)),
      by: claim)
    #expect(try await stored.journal.prune(olderThan: nil, keep: 0) == [])
    try await stored.journal.write(.jobEnded(.eu("1"), at: .at(4)), by: claim)
    #expect(try await stored.journal.prune(olderThan: nil, keep: 0) == [])
    let message = try await stored.journal.messages(of: claim.run)[0].number
    try await stored.journal.record(.delivered(at: .at(5)), ofMessage: message)
    #expect(try await stored.journal.prune(olderThan: nil, keep: 0) == [claim.run])
  }

  @Test func `the file grows smaller`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    for number in 0..<20 {
      let step = "\(number)"
      let result = [UInt8](repeating: 1, count: 1 << 16)
      try await stored.journal.write(
        .begin(.value(step)), .settle(step: step, .done, result: result, at: .at(1)), by: claim)
    }
    try await stored.journal.write(.run(.finished, at: .at(2)), by: claim)
    await stored.journal.close()
    let before = stored.shelf.read()!.count
    let second = stored.shelf.open()
    _ = try await second.prune(olderThan: nil, keep: 0)
    await second.close()
    #expect(stored.shelf.read()!.count < before / 4)
  }
}
