import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTypes
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
    let error = await error(stage) { _ = try await $0.center.clients(refresh: true) }
    #expect(error?.kind == .notLoggedIn)
    #expect(stage.simulator.view.requests.map(\.path) == ["/Login"])
    #expect(stage.simulator.view.requestCount == 1)
  }

  @Test("A token that has died is renewed once, and what it was for is done once")
  func expired() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      _ = try await stage.center.clients(refresh: true)
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
    try await good.run { _ = try await $0.center.clients(refresh: true) }
    #expect(good.simulator.view.count("POST", "/Login") == 0)
    let bad = try Stage(credentials: .token(Secret("dead")))
    #expect(await error(bad) { _ = try await $0.center.clients(refresh: true) }?.kind == .notLoggedIn)
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

  @Test("A certificate that nobody should trust is tried once")
  func distrusted() async throws {
    let stage = try Stage()
    try await stage.run { _ = try await $0.center.clients(refresh: true) }
    // The second try would get through.
    stage.wire.disturb(first(1, to: "/Client", .distrusted))
    #expect(await error(stage) { _ = try await $0.center.clients(refresh: true) }?.kind == .unreachable)
    stage.wire.disturb(first(1, to: "/createtask", .distrusted))
    #expect(await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(1)) }?.kind == .unreachable)
    stage.wire.disturb(first(1, to: "/Job/1", .distrusted))
    #expect(await error(stage) { _ = try await $0.center.answer(to: .get, "/Job/1") }?.kind == .unreachable)
    #expect(stage.simulator.view.jobs.isEmpty)
  }

  @Test("A question is asked again after lost answers and proxies' errors")
  func retries() async throws {
    let stage = try Stage()
    let start = stage.clock.now
    stage.wire.disturb(first(2, to: "/Client", .answerLost))
    #expect(try await stage.run { try await $0.center.clients(refresh: true) }.count == 2)
    stage.wire.disturb(first(2, to: "/Client", .status(503, "")))
    #expect(try await stage.run { try await $0.center.clients(refresh: true) }.count == 2)
    // Twice a second and two, each give or take a quarter.
    #expect(stage.clock.now - start > .milliseconds(4500) && stage.clock.now - start < .milliseconds(7500))
    stage.wire.disturb { _ in .status(503, "") }
    #expect(await error(stage) { _ = try await $0.center.clients(refresh: true) }?.kind == .unintelligible)
  }

  @Test(
    "A login that fails for good leaves a submit unsent, and has a few tries in all",
    arguments: [
      Wire.Accident.refused, .answerLost, .status(500, "no"), .status(200, "<html><title>Sign in</title>"),
    ])
  func loginFails(accident: Wire.Accident) async throws {
    let stage = try Stage()
    stage.wire.disturb(first(100, to: "/Login", accident))
    let error = await error(stage) { _ = try await $0.center.submit(Payload.dynamodb(1)) }
    #expect(error?.kind == .unreachable)
    #expect(await stage.center.traffic.logins == 5)
    #expect(stage.simulator.view.count("POST", "/createtask") == 0)
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
      let client = try #require(
        try await stage.center.clients(refresh: true).first { $0.clientName == "aws-prod" })
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
      _ = try await stage.center.clients(refresh: true)
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

@Suite("Secrets, clocks and addresses")
struct EdgeTests {
  @Test(
    "A token that no header can carry is an error, and does not show", arguments: ["a\nb", "a\r\nX: y", ""])
  func oddToken(token: String) async throws {
    let stage = try Stage(credentials: .token(Secret(token)))
    let error = await #expect(throws: CommandCenterError.self) {
      try await stage.run { _ = try await $0.center.clients(refresh: true) }
    }
    #expect(error?.kind == .notLoggedIn)
    #expect(stage.simulator.view.requestCount == 0)
  }

  @Test("No error shows a token or a password, whatever happens")
  func secrets() async throws {
    let accidents: [Wire.Accident] = [
      .refused, .answerLost, .status(500, ""), .status(401, ""), .status(200, "null"), .status(302, "<html>"),
      .status(429, "no"), .status(200, "{\"accessToken\":1}"),
    ]
    let credentials: [Credentials] = [
      .password(user: "u", password: Secret("5ec7e7")), .token(Secret("5ec7e7")),
    ]
    for accident in accidents {
      for credentials in credentials {
        let stage = try Stage(credentials: credentials)
        stage.wire.disturb { request in
          // A submit under 429 is repeated until it is cancelled.
          if case .status(429, _) = accident, request.path?.hasSuffix("/createtask") == true {
            return .refused
          }
          if case .status(429, _) = accident, request.path?.hasSuffix("/Login") == true { return .refused }
          return accident
        }
        var errors: [any Error] = []
        do { try await stage.run { _ = try await $0.center.clients(refresh: true) } } catch {
          errors.append(error)
        }
        do { try await stage.run { _ = try await $0.center.submit(Payload.dynamodb(1)) } } catch {
          errors.append(error)
        }
        #expect(!errors.isEmpty)
        for error in errors {
          var text = "\(error) \(String(reflecting: error))"
          dump(error, to: &text)
          #expect(!text.contains("5ec7e7"))
          #expect(!text.contains(Base64.encode("5ec7e7".utf8)))
        }
      }
    }
  }

  @Test("A redirect is not followed; the error says where it points")
  func redirect() async throws {
    final class Pointing: Transport {
      func send(
        _ request: HTTPRequest, body: [UInt8]
      ) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
        (HTTPResponse(status: .found, headerFields: [.location: "https://sso.example/login?key=5ec7e7"]), [])
      }
    }
    let stage = try Stage(credentials: .token(Secret("t")), transport: Pointing())
    for isSubmit in [false, true] {
      let error = await #expect(throws: CommandCenterError.self) {
        try await stage.run {
          if isSubmit {
            _ = try await $0.center.submit(Payload.dynamodb(1))
          } else {
            _ = try await $0.center.clients(refresh: true)
          }
        }
      }
      #expect(error?.kind == (isSubmit ? .ambiguous : .rejected))
      #expect(error?.message.contains("https://sso.example/login") == true)
      #expect(error?.message.contains("5ec7e7") == false)
    }
  }

  @Test("How far ahead the server's clock is")
  func skew() async throws {
    final class Dated: Transport {
      func send(
        _ request: HTTPRequest, body: [UInt8]
      ) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
        // An hour after the evening on which the client is.
        (
          HTTPResponse(status: .ok, headerFields: [.date: "Mon, 21 Sep 2026 15:13:20 GMT"]),
          Array("{\"clientProperties\":[]}".utf8)
        )
      }
    }
    let stage = try Stage(credentials: .token(Secret("t")), transport: Dated())
    try await stage.run { _ = try await $0.center.clients(refresh: true) }
    let skew = try #require(await stage.center.clockSkew)
    #expect(skew == .seconds(3600) + .milliseconds(500))
  }

  @Test("Addresses of Command Centers")
  func endpoints() {
    let good = [
      ("https://center.example/commandcenter/api", "https://center.example/commandcenter/api"),
      ("https://center.example", "https://center.example/commandcenter/api"),
      ("Center.Example:8443/", "https://center.example:8443/commandcenter/api"),
      ("http://127.0.0.1:81/webconsole/api/", "http://127.0.0.1:81/webconsole/api"),
      ("https://[::1]:443/x", "https://[::1]:443/x"),
    ]
    for (url, meaning) in good { #expect(Endpoint(url: url)?.description == meaning, "\(url)") }
    let bad = [
      "", "https://", "ftp://a", "https://a:0", "https://a:99999", "https://a:b", "https://u:p@a",
      "https://a?x",
      "https://a b", "https://a\r\nb", "https://[::1", "https://[a]", "https://:443", "https://a#b",
      "https://ä",
    ]
    for url in bad { #expect(Endpoint(url: url) == nil, "\(url)") }
  }
}
