import Clock
import Journal
import Testing

/// What was written, in the order of the transactions.
final class Log: Sendable {
  let written = Guarded<[Written]>([])
  var hooks: JournalHooks {
    JournalHooks(afterCommit: { written in self.written.change { $0 += written } })
  }
  var all: [Written] { written.now }
}

@Suite struct GroupCommitTests {
  @Test func `a thousand branches cost few commits`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for branch in 0..<1000 {
        group.addTask { _ = try await stored.journal.write(.begin(.value("\(branch)")), by: claim) }
      }
      try await group.waitForAll()
    }
    #expect(stored.journal.statistics.calls == 1001)
    #expect(stored.journal.statistics.commits < 500)
    #expect(try await stored.journal.history(of: claim.run).steps.count == 1000)
  }

  @Test func `what one caller wants refused costs no other`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.begin(.value("taken")), by: claim)
    let refused = Guarded(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for branch in 0..<200 {
        group.addTask {
          let key = branch.isMultiple(of: 2) ? "\(branch)" : "taken"
          do {
            try await stored.journal.write(.begin(.value("x\(branch)")), .begin(.value(key)), by: claim)
          } catch JournalError.stepExists {
            refused.change { $0 += 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(refused.now == 100)
    #expect(try await stored.journal.history(of: claim.run).steps.count == 201)
  }

  @Test func `asking in vain costs no commit`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    let shares = [PoolShare(pool: "p", max: 1)]
    for step in ["a", "b"] {
      _ = try await stored.journal.request(PermitRequest(step: step, shares: shares, at: .at(1)), by: claim)
    }
    let before = stored.journal.statistics.commits
    for _ in 0..<10 {
      _ = try await stored.journal.request(PermitRequest(step: "b", shares: shares, at: .at(1)), by: claim)
    }
    #expect(stored.journal.statistics.commits == before)
  }

  @Test(arguments: Form.allCases)
  func `what fails before the commit is kept by nobody, and may be tried again`(
    _ form: Form
  ) async throws {
    let isFull = Guarded(false)
    let stored = Stored(
      form,
      JournalHooks(beforeCommit: { (_) throws(JournalError) in
        if isFull.now { throw .full(file: "disk") }
      }))
    let claim = try await stored.journal.create(.some())
    isFull.change { $0 = true }
    await #expect(throws: JournalError.full(file: "disk")) {
      try await stored.journal.write(.begin(.value("a")), by: claim)
    }
    isFull.change { $0 = false }
    #expect(try await stored.journal.history(of: claim.run).steps == [])
    try await stored.journal.write(.begin(.value("a")), by: claim)
  }

  @Test func `a caller hears of its write only when it is on disk, in order`() async throws {
    let log = Log()
    let stored = Stored(.file, log.hooks)
    let claim = try await stored.journal.create(.some())
    for number in 0..<20 {
      try await stored.journal.write(.begin(.value("\(number)")), by: claim)
      #expect(log.all.last == .changes(claim.run, [.begin(.value("\(number)"))]))
    }
    try await stored.journal.flush()
    await stored.journal.close()
    await #expect(throws: JournalError.closed) { try await stored.journal.flush() }
  }

  /// Twelve branches of three runs quarrel over keys, jobs and a pool. Whatever came out is what the same calls
  /// give one after the other, in the order in which they were written.
  @Test(arguments: 0..<12) func `any interleaving equals the calls one after the other`(_ seed: Int)
    async throws
  {
    let log = Log()
    let stored = Stored(.file, log.hooks)
    var claims: [RunClaim] = []
    for number in 0..<3 { claims.append(try await stored.journal.create(.some(id: "r\(number)"))) }
    let owned = claims
    await withTaskGroup(of: Void.self) { group in
      for branch in 0..<12 {
        group.addTask {
          var random = Random(state: UInt64(seed * 100 + branch))
          for _ in 0..<25 { await quarrel(stored.journal, owned[branch % 3], &random) }
        }
      }
    }

    let sequential = SQLiteJournal(inMemory: JournalHooks())
    var others: [RunID: RunClaim] = [:]
    for written in log.all {
      switch written {
      case .created(let run): others[run] = try await sequential.create(.some(id: run.description))
      case .changes(let run, let changes): try await sequential.write(changes, by: others[run]!)
      case .permits(let run, let request, let answer, let changes):
        #expect(try await sequential.request(request, writing: changes, by: others[run]!) == answer)
      default: Issue.record("\(written)")
      }
    }
    for claim in claims {
      #expect(try await stored.journal.history(of: claim.run) == sequential.history(of: claim.run))
    }
    #expect(try await stored.journal.permits(inPool: "p") == sequential.permits(inPool: "p"))
    #expect(try await stored.journal.permits(inPool: "p").filter { $0.grantedAt != nil }.count <= 3)
  }

  /// One call at random. Many are refused, as they should be.
  private func quarrel(_ journal: SQLiteJournal, _ claim: RunClaim, _ random: inout Random) async {
    let step = "s\(Int.random(in: 0..<20, using: &random))"
    if Int.random(in: 0..<3, using: &random) == 0 {
      let request = PermitRequest(step: step, shares: [PoolShare(pool: "p", max: 3)], at: .at(1))
      _ = try? await journal.request(request, writing: [.begin(.submit(step))], by: claim)
    } else {
      let changes = (0..<Int.random(in: 1...3, using: &random)).map { _ in change(of: step, &random) }
      _ = try? await journal.write(changes, by: claim)
    }
  }

  private func change(of step: String, _ random: inout Random) -> Change {
    let job = Job.eu("\(Int.random(in: 0..<40, using: &random))")
    let moment = Moment.at(Int64.random(in: 1..<99, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: return .begin(.submit(step))
    case 2: return .submitted(step: step, task: nil, jobs: [job])
    case 3: return .settle(step: step, StepState.allCases.randomElement(using: &random)!, at: moment)
    case 4: return .jobEnded(job, at: moment)
    case 5: return .withdraw(step: step, at: moment)
    case 6:
      return .sendAgain(
        step: step, Attempt(number: Int.random(in: 2..<9, using: &random), token: "t", sendBefore: moment))
    default: return .message(NewMessage(key: step, kind: "k", payload: [], createdAt: moment))
    }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
