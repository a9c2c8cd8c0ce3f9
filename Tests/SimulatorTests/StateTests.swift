import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Synchronization
import Testing

@Suite("A simulator that outlives its process")
struct StateTests {
  private let kept = Kept()
  private let clock = SettableClock(Caller.evening)

  /// A process: what it knows besides what is kept ends with it.
  private func start(
    faults: String = "", inventory: Inventory? = nil, settings: SimulatorSettings = SimulatorSettings()
  ) throws -> Caller {
    try Caller(
      clock: clock,
      simulator: Simulator(
        clock: clock, faults: FaultPlan.parse(faults), inventory: inventory, settings: settings, store: kept))
  }

  @Test("A job goes on as if nothing had happened")
  func job() throws {
    var before = try start()
    before.token = try before.logIn()
    let id = try before.job(Payload.dynamodb(1042))
    clock.advance(by: .seconds(120))
    let seen = try before.summary(id)
    var after = try start()
    after.token = before.token
    #expect(try after.summary(id) == seen)
    #expect(try after.run(id).end == before.run(id).end)
    #expect(after.simulator.view.jobs == before.simulator.view.jobs)
  }

  @Test("Ids go on, and so does the count of a target's submits")
  func ids() throws {
    func second(restarts: Bool) throws -> (SubmitAnswer, JobSummary) {
      let test = StateTests()
      var caller = try test.start()
      caller.token = try caller.logIn()
      _ = try caller.run(try caller.job(Payload.dynamodb(1042)))
      if restarts {
        let token = caller.token
        caller = try test.start()
        caller.token = token
      }
      let answer = try caller.submit(Payload.dynamodb(1042))
      let id = try #require(Int64(answer.jobIds[0]))
      return (answer, try caller.run(id).end)
    }
    let (answer, end) = try second(restarts: true)
    #expect(answer.jobIds == ["148887"])
    #expect(answer.taskId == 9921)
    let undisturbed = try second(restarts: false)
    #expect(answer == undisturbed.0)
    #expect(end == undisturbed.1)
  }

  @Test("A suspended job can be resumed by the next process")
  func suspended() throws {
    var before = try start()
    before.token = try before.logIn()
    let id = try before.job(Payload.oracle)
    clock.advance(by: .seconds(600))
    _ = before.send(.post, "/Job/\(id)/action/pause")
    clock.advance(by: .seconds(60))
    var after = try start()
    after.token = before.token
    #expect(try after.summary(id)?.status == .suspended)
    #expect(after.send(.post, "/Job/\(id)/action/resume").body == Array("{}".utf8))
    #expect(try after.run(id).end.status == .completed)
  }

  @Test("What has grown is there, and is the same thing")
  func inventory() throws {
    var before = try start()
    before.token = try before.logIn()
    _ = try before.job(Payload.dynamodb(77, client: "new-account"))
    var after = try start()
    after.token = before.token
    let busy = #expect(throws: ServerError.self) {
      try after.submit(Payload.dynamodb(77, client: "new-account"))
    }
    #expect(busy?.message.contains("Another backup is running") == true)
    #expect(after.simulator.inventedTargets == ["new-account/DynamoDB/77"])
    #expect(after.send(.get, "/Client").body == before.send(.get, "/Client").body)
  }

  @Test("Tokens live on; those that were given back, or void, do not")
  func tokens() throws {
    let before = try start()
    let good = try before.logIn()
    var gone = before
    gone.token = try before.logIn()
    _ = gone.send(.post, "/Logout")
    let pair = before.simulator.makeAccessToken()
    let void = before.simulator.makeAccessToken()
    func renew(_ caller: Caller, _ pair: AccessTokenPair) -> Int {
      let body = RenewRequest(accessToken: pair.accessToken, refreshToken: pair.refreshToken).encoded()
      return caller.send(.post, "/V4/AccessToken/Renew", String(decoding: body, as: UTF8.self)).status
    }
    #expect(renew(before, void) == 200)
    #expect(renew(before, void) == 401)

    var after = try start()
    for (token, status) in [
      (good, 200), (gone.token, 401), (pair.accessToken, 200), (void.accessToken, 401),
    ] {
      after.token = token
      #expect(after.send(.get, "/Client").status == status)
    }
    #expect(renew(after, void) == 401)
    #expect(renew(after, pair) == 200)
    let third = try start()
    #expect(try third.logIn() != good)
    // Renewed by the process before: that is known.
    #expect(renew(third, pair) == 401)
  }

  @Test("What could not be kept is not told; it is kept with what comes next")
  func failure() throws {
    var before = try start()
    before.token = try before.logIn()
    kept.isBroken = true
    var request = HTTPRequest(
      method: .post, scheme: "https", authority: "center", path: "/commandcenter/api/createtask")
    request.headerFields[HTTPField.Name("Authtoken")!] = before.token
    let body = Array(Payload.dynamodb(1042).utf8)
    #expect(before.simulator.reply(to: request, body: body).delivery == .closed)
    #expect(try start(afterFailure: true).simulator.view.jobs.isEmpty)
    kept.isBroken = false
    #expect(before.simulator.reply(to: request, body: body).delivery == .whole)
    #expect(try start().simulator.view.jobs.count == 1)
  }

  @Test("A request that changes nothing writes nothing")
  func reads() throws {
    var caller = try start()
    caller.token = try caller.logIn()
    let count = kept.saves
    _ = caller.send(.get, "/Client")
    _ = try caller.list(JobQuery())
    #expect(kept.saves == count)
  }

  @Test("A state that began with another inventory is refused, and so is one that makes no sense")
  func refusals() throws {
    var caller = try start()
    caller.token = try caller.logIn()
    _ = try caller.job(Payload.dynamodb(1042))
    let other = #expect(throws: StateError.self) { try start(inventory: Inventory()) }
    #expect(other?.description.contains("another inventory") == true)
    for kind in ["job", "session", "cell"] {
      let test = StateTests()
      for record in try kept.load() {
        try test.kept.save([
          StateRecord(
            kind: record.kind, key: record.key, json: record.kind == kind ? Array("{}".utf8) : record.json)
        ])
      }
      let damaged = #expect(throws: StateError.self) { try test.start() }
      #expect(damaged?.description.contains("\"\(kind) ") == true)
    }
    try kept.save([StateRecord(kind: "elephant", key: "1", json: Array("{}".utf8))])
    #expect(throws: StateError.self) { try start() }
  }

  /// Looks at what is kept although saving does not work.
  private func start(afterFailure: Bool) throws -> Caller {
    let other = StateTests()
    try other.kept.save(try kept.load())
    return try other.start()
  }
}

/// A store in memory.
private final class Kept: SimulatorStore {
  private struct Key: Hashable {
    let kind: String
    let key: String
  }

  private struct Contents {
    var records: [Key: [UInt8]] = [:]
    var isBroken = false
    var saves = 0
  }

  private let contents = Mutex(Contents())

  var saves: Int { contents.withLock { $0.saves } }

  var isBroken: Bool {
    get { contents.withLock { $0.isBroken } }
    set { contents.withLock { $0.isBroken = newValue } }
  }

  func load() throws(StateError) -> [StateRecord] {
    contents.withLock { contents in
      contents.records.map { StateRecord(kind: $0.key.kind, key: $0.key.key, json: $0.value) }
    }
  }

  func save(_ changes: [StateRecord]) throws(StateError) {
    let isDone = contents.withLock { contents in
      guard !contents.isBroken else { return false }
      contents.saves += 1
      for change in changes { contents.records[Key(kind: change.kind, key: change.key)] = change.json }
      return true
    }
    guard isDone else { throw StateError("broken, as a test wants it") }
  }
}
