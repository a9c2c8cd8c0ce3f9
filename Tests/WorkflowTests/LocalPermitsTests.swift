import Clock
import Journal
import Testing

@testable import Workflow

@Suite("Permits without a journal")
struct LocalPermitsTests {
  @Test("are handed out as the journal hands them out", arguments: 1...40)
  func agreement(_ seed: UInt64) async throws {
    var random = Dice(state: seed)
    let journal = SQLiteJournal(inMemory: JournalHooks())
    let claim = try await journal.create(
      NewRun(
        script: Source(name: "x", bytes: []), night: "2026-11-21", startedAt: Self.moment))
    var local = LocalPermits()
    var present: [String: [PoolShare]] = [:]
    var granted: Set<String> = []
    for number in 0..<200 {
      if let step = present.keys.sorted().randomElement(using: &random),
        Int.random(in: 0..<3, using: &random) == 0
      {
        present[step] = nil
        granted.remove(step)
        let had = local.free(step)
        #expect(had)
        _ = try await journal.write(.withdraw(step: step, at: Self.moment), by: claim)
        continue
      }
      // Some ask again, in whichever order; some are new.
      let isNew = present.isEmpty || Bool.random(using: &random)
      let step = isNew ? "\(number)" : present.keys.sorted().randomElement(using: &random)!
      let shares = present[step] ?? Self.shares(&random)
      present[step] = shares
      let request = PermitRequest(step: step, shares: shares, at: Self.moment)
      let answer = try await journal.request(request, by: claim)
      let own = local.request(step, shares)
      #expect(own == answer)
      if answer == .granted { granted.insert(step) }
      for pool in ["p", "q", "r"] {
        let shares = granted.compactMap { step in present[step]?.first { $0.pool == pool } }
        let inUse = shares.reduce(0) { $0 + $1.weight }
        #expect(inUse <= shares.map(\.max).min() ?? 0)
      }
    }
  }

  private static let moment = Moment(nanoseconds: 1)

  private static func shares(_ random: inout Dice) -> [PoolShare] {
    ["p", "q", "r"].shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)).map { pool in
      let max = Int.random(in: 2...4, using: &random)
      return PoolShare(pool: pool, weight: Int.random(in: 1...2, using: &random), max: max)
    }
  }
}

/// SplitMix64: the same throws for the same seed.
private struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
