import Clock
import CommandCenter
import CommandCenterAPI
import Simulator
import Testing

@Suite("Requests of the client")
struct RequestTests {
  private func error(
    _ stage: Stage, _ body: @Sendable (Stage) async throws -> Void
  ) async -> CommandCenterError? {
    await #expect(throws: CommandCenterError.self) { try await stage.run(body) }
  }

  @Test("However many requests begin at once, there is one login")
  func oneLogin() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      await stage.all(1...50) { id in _ = try? await stage.center.submit(Payload.dynamodb(id)) }
    }
    #expect(stage.simulator.view.count("POST", "/Login") == 1)
    #expect(stage.simulator.view.count("POST", "/createtask") == 50)
  }

  @Test("A wrong password is a typed error, asked for once")
  func wrongPassword() async throws {
    let stage = try Stage(credentials: .password(user: "simulator", password: Secret("wrong")))
    try await stage.run { stage in
      await stage.all(1...20) { id in
        await #expect(throws: CommandCenterError.self) { try await stage.center.submit(Payload.dynamodb(id)) }
      }
    }
    let error = await error(stage) { _ = try await $0.center.clients() }
    #expect(error?.kind == .notLoggedIn)
    #expect(stage.simulator.view.requests.map(\.path) == ["/Login"])
    #expect(stage.simulator.view.requestCount == 1)
  }

  @Test("A token that has died is renewed once, and what it was for is done once")
  func expired() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      _ = try await stage.center.clients()
      stage.simulator.expireTokens()
      await stage.all(1...30) { id in _ = try? await stage.center.submit(Payload.dynamodb(id)) }
    }
    #expect(stage.simulator.view.count("POST", "/Login") == 2)
    #expect(stage.simulator.view.jobs.count == 30)
  }

  @Test("A ready-made token is used as it is; a dead one is an error")
  func token() async throws {
    var settings = SimulatorSettings()
    settings.tokens = ["ready"]
    let good = try Stage(settings: settings, credentials: .token(Secret("ready")))
    try await good.run { _ = try await $0.center.clients() }
    #expect(good.simulator.view.count("POST", "/Login") == 0)
    let bad = try Stage(credentials: .token(Secret("dead")))
    #expect(await error(bad) { _ = try await $0.center.clients() }?.kind == .notLoggedIn)
  }

  @Test(
    "What the server says to a submit is told apart",
    arguments: [
      ("*:busy", CommandCenterError.Kind.busy), ("*:reject", .rejected), ("*:garbage", .ambiguous),
    ])
  func refusals(faults: String, kind: CommandCenterError.Kind) async throws {
    let stage = try Stage(faults: faults)
    let error = await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(1)) }
    #expect(error?.kind == kind)
    #expect(stage.simulator.view.count("POST", "/createtask") == 1)
    if kind == .rejected { #expect(error?.code == 587_207_178) }
  }

  @Test("A submit whose answer is lost is ambiguous, and not sent again")
  func answerLost() async throws {
    let stage = try Stage()
    stage.wire.disturb(first(1, to: "/createtask", .answerLost))
    let error = await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(1)) }
    #expect(error?.kind == .ambiguous)
    #expect(stage.simulator.view.jobs.count == 1)
  }

  @Test("A page from a proxy in place of an answer is ambiguous")
  func proxy() async throws {
    let stage = try Stage()
    stage.wire.disturb(first(1, to: "/createtask", .status(502, "<html><title>Bad gateway</title></html>")))
    let error = await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(1)) }
    #expect(error?.kind == .ambiguous)
    #expect(error?.message.contains("Bad gateway") == true)
  }

  @Test("A submit that was never sent is tried again, and given up after a few tries")
  func unreachable() async throws {
    let stage = try Stage()
    stage.wire.disturb(first(2, to: "/createtask", .refused))
    try await stage.run { _ = try await $0.center.submit(Payload.dynamodb(1)) }
    #expect(stage.simulator.view.jobs.count == 1)
    stage.wire.disturb { _ in .refused }
    #expect(await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(2)) }?.kind == .unreachable)
  }

  @Test("A question is asked again after lost answers and proxies' errors")
  func retries() async throws {
    let stage = try Stage()
    let start = stage.clock.now
    stage.wire.disturb(first(2, to: "/Client", .answerLost))
    #expect(try await stage.run { try await $0.center.clients() }.count == 2)
    stage.wire.disturb(first(2, to: "/Client", .status(503, "")))
    #expect(try await stage.run { try await $0.center.clients() }.count == 2)
    #expect(stage.clock.now - start == .seconds(6))
    stage.wire.disturb { _ in .status(503, "") }
    #expect(await error(stage) { _ = try await $0.center.clients() }?.kind == .unintelligible)
  }

  @Test("A login that cannot be reached fails all who wait for it together")
  func loginUnreachable() async throws {
    let stage = try Stage()
    stage.wire.disturb { _ in .refused }
    let start = stage.clock.now
    try await stage.run { stage in
      await stage.all(1...100) { id in _ = try? await stage.center.job(Int64(id)) }
    }
    #expect(stage.clock.now - start < .seconds(600))
  }

  @Test("Lookups give what createtask takes")
  func lookups() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      let client = try #require(try await stage.center.clients().first { $0.clientName == "aws-prod" })
      let instances = try await stage.center.instances(ofClient: client.clientId)
      #expect(instances.contains { $0.instanceName == "DynamoDB" && $0.applicationId == 134 })
      let sets = try await stage.center.backupsets(ofClient: client.clientId)
      #expect(sets.allSatisfy { $0.backupsetName == "defaultBackupSet" })
      let subclients = try await stage.center.subclients(ofClient: client.clientId)
      #expect(subclients.contains { $0.subclientId == 1042 && $0.instanceName == "DynamoDB" })
    }
  }

  @Test("A logout ends the session")
  func logout() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      _ = try await stage.center.clients()
      await stage.center.logOut()
      await stage.center.logOut()
    }
    #expect(stage.simulator.view.count("POST", "/Logout") == 1)
  }

  @Test("Raw requests reach the rest of the API")
  func raw() async throws {
    let stage = try Stage()
    let answer = try await stage.run { try await $0.center.get("/GetId?clientname=aws-prod") }
    #expect(answer.status == 200)
    #expect(try JSONValue(parsing: answer.body)["clientId"]?.int64 == 17)
    let missing = try await stage.run { try await $0.center.get("/Nowhere") }
    #expect(missing.status == 404)
  }
}
