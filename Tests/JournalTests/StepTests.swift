import Clock
import Testing

@testable import Journal

@Suite struct StepTests {
  @Test(arguments: Form.allCases) func `a submit goes from intent to jobs to its result`(_ form: Form)
    async throws
  {
    let stored = Stored(form)
    let claim = try await stored.journal.create(.some())
    func step() async throws -> StepRecord { try await stored.journal.history(of: claim.run).steps[0] }

    try await stored.journal.write(.begin(.submit("rds #1")), by: claim)
    var expected = try await step()
    #expect(expected.state == .intent)
    #expect(expected.attempt == Attempt(number: 1, token: "t1", sendBefore: .at(100)))
    #expect(expected.server == "eu")
    #expect(expected.place == "nightly.lua:3")

    try await stored.journal.write(
      .submitted(step: "rds #1", task: "9", jobs: [.eu("10"), .eu("9")], note: "by token"), by: claim)
    expected.state = .submitted
    expected.task = "9"
    expected.note = "by token"
    expected.jobs = ["9", "10"].map { JobRecord(job: .eu($0), run: claim.run, step: "rds #1") }
    #expect(try await step() == expected)

    try await stored.journal.write(
      .jobEnded(.eu("9"), at: .at(6)), .settle(step: "rds #1", .done, result: [1], at: .at(7)), by: claim)
    expected.state = .done
    expected.result = [1]
    expected.endedAt = .at(7)
    expected.jobs[0].endedAt = .at(6)
    #expect(try await step() == expected)
  }

  @Test(arguments: Form.allCases) func `adopted jobs take the place of those that a step had`(_ form: Form)
    async throws
  {
    let stored = Stored(form)
    let claim = try await stored.journal.create(.some())
    func steps() async throws -> [StepRecord] { try await stored.journal.history(of: claim.run).steps }

    try await stored.journal.write(
      .begin(.submit("a")), .submitted(step: "a", task: "9", jobs: [.eu("1")]),
      .settle(step: "a", .needsOperator, result: [1], note: "another target", at: .at(2)), by: claim)
    try await stored.journal.write(
      .adopted(step: "a", jobs: [.eu("2")], note: "by hand", at: .at(3)), by: claim)
    var step = try await steps()[0]
    #expect(step.state == .submitted)
    #expect(step.result == nil && step.task == nil && step.note == "by hand")
    #expect(step.jobs.map(\.job) == [.eu("2")])
    #expect(step.droppedJobs.map(\.job) == [.eu("1")])
    #expect(step.droppedJobs[0].droppedAt == .at(3))

    // What is one step's is no other's, but what was dropped may be.
    try await stored.journal.write(.begin(.submit("b")), by: claim)
    await #expect(throws: JournalError.jobIsTaken(step.jobs[0])) {
      try await stored.journal.write(
        .adopted(step: "b", jobs: [.eu("2")], note: "by hand", at: .at(4)), by: claim)
    }
    try await stored.journal.write(
      .adopted(step: "b", jobs: [.eu("1")], note: "by hand", at: .at(4)), by: claim)
    step = try await steps()[1]
    #expect(step.jobs.map(\.job) == [.eu("1")] && step.droppedJobs.isEmpty)
    #expect(try await steps()[0].droppedJobs.isEmpty)
  }

  @Test func `every state can be told apart, and only an end has a time`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    for state in StepState.allCases {
      try await stored.journal.write(
        .begin(.submit(state.rawValue)), .settle(step: state.rawValue, state, note: "why", at: .at(2)),
        by: claim)
    }
    let steps = try await stored.journal.history(of: claim.run).steps
    #expect(steps.map(\.state) == StepState.allCases)
    #expect(steps.filter { $0.endedAt != nil }.map(\.state) == [.done, .failed, .needsOperator, .abandoned])
  }

  @Test func `a submit that is sent again keeps its earlier tokens`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.begin(.submit("s")), by: claim)
    for number in 2...3 {
      try await stored.journal.write(
        .settle(step: "s", .ambiguous, at: .at(2)),
        .sendAgain(step: "s", Attempt(number: number, token: "t\(number)", sendBefore: .at(200))), by: claim)
    }
    let step = try await stored.journal.history(of: claim.run).steps[0]
    #expect(step.state == .intent)
    #expect(step.attempt?.token == "t3")
    #expect(step.earlierAttempts.map(\.token) == ["t1", "t2"])
  }

  @Test func `what is done stays done`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.begin(.submit("s")), .settle(step: "s", .done, at: .at(2)), by: claim)
    let changes: [Change] = [
      .settle(step: "s", .failed, at: .at(3)), .submitted(step: "s", task: nil, jobs: [.eu("1")]),
      .sendAgain(step: "s", Attempt(number: 2, token: "t2", sendBefore: .at(9))),
    ]
    for change in changes {
      await #expect(throws: JournalError.stepIsDone(run: claim.run, step: "s")) {
        try await stored.journal.write(change, by: claim)
      }
    }
    #expect(try await stored.journal.history(of: claim.run).steps[0].earlierAttempts == [])
  }

  @Test func `a step begins once, and nothing happens to one that never began`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    try await stored.journal.write(.begin(.value("s")), by: claim)
    await #expect(throws: JournalError.stepExists(run: claim.run, step: "s")) {
      try await stored.journal.write(.begin(.value("s")), by: claim)
    }
    await #expect(throws: JournalError.noSuchStep(run: claim.run, step: "x")) {
      try await stored.journal.write(.settle(step: "x", .done, at: .at(1)), by: claim)
    }
    let other = try await stored.journal.create(.some())
    try await stored.journal.write(.begin(.value("s")), by: other)
  }

  @Test(arguments: Form.allCases) func `changes given together are kept together or not at all`(_ form: Form)
    async throws
  {
    let stored = Stored(form)
    let claim = try await stored.journal.create(.some())
    await #expect(throws: JournalError.noSuchStep(run: claim.run, step: "x")) {
      try await stored.journal.write(.begin(.value("a")), .settle(step: "x", .done, at: .at(1)), by: claim)
    }
    #expect(try await stored.journal.history(of: claim.run).steps == [])
  }

  @Test func `a job is never two steps', and the refusal says whose it is`() async throws {
    let stored = Stored()
    let first = try await stored.journal.create(.some(id: "first"))
    let second = try await stored.journal.create(.some(id: "second"))
    try await stored.journal.write(
      .begin(.submit("a")), .submitted(step: "a", task: nil, jobs: [.eu("7")]), by: first)
    try await stored.journal.write(.begin(.submit("b")), by: second)
    let taken = JournalError.jobIsTaken(JobRecord(job: .eu("7"), run: first.run, step: "a"))
    await #expect(throws: taken) {
      try await stored.journal.write(
        .submitted(step: "b", task: nil, jobs: [.eu("6"), .eu("7")]), by: second)
    }
    #expect(taken.description == "job 7 of eu belongs to step a of run first already")
    // Nothing of the refused submit stayed, and another server's 7 is another job.
    #expect(try await stored.journal.holder(of: .eu("6")) == nil)
    try await stored.journal.write(
      .submitted(step: "b", task: nil, jobs: [Job(server: "us", id: "7")]), by: second)
    // The same step may say it again: an adoption after a crash.
    try await stored.journal.write(.submitted(step: "a", task: nil, jobs: [.eu("7")]), by: first)
    #expect(try await stored.journal.holder(of: .eu("7"))?.step == "a")
  }

  @Test func `steps come back in the order in which they began`() async throws {
    let stored = Stored(.memory)
    let claim = try await stored.journal.create(.some())
    let keys = (0..<500).map { "\(($0 * 7919) % 500)" }
    try await stored.journal.write(keys.map { .begin(.value($0)) }, by: claim)
    #expect(try await stored.journal.history(of: claim.run).steps.map(\.key) == keys)
  }

  @Test func `a hundred thousand finished steps come back`() async throws {
    let stored = Stored()
    let claim = try await stored.journal.create(.some())
    for start in stride(from: 0, to: 100_000, by: 10_000) {
      let changes = (start..<start + 10_000).flatMap { number -> [Change] in
        [.begin(.value("\(number)")), .settle(step: "\(number)", .done, result: [1, 2], at: .at(1))]
      }
      try await stored.journal.write(changes, by: claim)
    }
    let steps = try await stored.journal.history(of: claim.run).steps
    #expect(steps.count == 100_000)
    #expect(steps.allSatisfy { $0.state == .done })
  }
}
