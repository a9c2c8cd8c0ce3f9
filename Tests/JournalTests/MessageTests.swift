import Clock
import Journal
import Testing

@Suite struct MessageTests {
  private func message(_ key: String) -> NewMessage {
    NewMessage(key: key, kind: "attention", payload: [1, 2], createdAt: .at(1))
  }

  @Test func `a message is told once, however often a replay wants it told`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.message(message("a")), .message(message("a")), by: claim)
    try await stored.journal.write(.message(message("a")), by: claim)
    #expect(try await stored.journal.messages(of: claim.run).map(\.message) == [message("a")])
  }

  @Test func `until the lease is over nobody else gets a message, and none that was delivered comes again`()
    async throws
  {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.message(message("a")), .message(message("b")), by: claim)
    let taken = try await stored.journal.takeMessages(of: nil, now: .at(10), lease: .at(20))
    #expect(taken.map(\.message.key) == ["a", "b"])
    let other = stored.shelf.open()
    #expect(try await other.takeMessages(of: nil, now: .at(15), lease: .at(25)) == [])
    try await stored.journal.record(.delivered(at: .at(16)), ofMessage: taken[0].number)
    try await stored.journal.record(.failed("no route", retryAt: .at(30)), ofMessage: taken[1].number)
    #expect(try await other.takeMessages(of: nil, now: .at(29), lease: .at(40)) == [])
    let again = try await other.takeMessages(of: claim.run, now: .at(30), lease: .at(40))
    #expect(again.map(\.message.key) == ["b"])
    #expect(again[0].tries == 1)
    #expect(again[0].lastError == "no route")
    #expect(try await other.takeMessages(of: RunID("other"), now: .at(99), lease: .at(100)) == [])
    #expect(try await other.messages(of: claim.run).map(\.deliveredAt) == [.at(16), nil])
  }
}
