import CommandCenter
import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("Look-ups of the client")
struct LookupTests {
  @Test("Those who ask for the same share one request, and the answer is kept")
  func shared() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      await stage.all(1...20) { _ in _ = try? await stage.center.subclients(ofClient: 17) }
      #expect(try await stage.center.subclients(ofClient: 17).count == 23)
      #expect(try await stage.center.subclients(ofClient: 23).count == 3)
    }
    #expect(stage.simulator.view.count("GET", "/Subclient") == 2)
  }

  @Test("A fresh answer is asked for on demand")
  func refresh() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      for refresh in [false, true, false] { _ = try await stage.center.clients(refresh: refresh) }
    }
    #expect(stage.simulator.view.count("GET", "/Client") == 2)
  }

  @Test("A look-up that failed is asked for again")
  func failure() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      stage.wire.disturb { _ in .refused }
      await stage.all(1...3) { _ in
        let error = await #expect(throws: CommandCenterError.self) { try await stage.center.clients() }
        #expect(error?.kind == .unreachable)
      }
      stage.wire.disturb { _ in nil }
      #expect(try await stage.center.clients().count == 2)
    }
  }

  @Test("All ids come in one request; names without one are asked for again")
  func ids() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      var query = IdQuery()
      query.clientName = "aws-prod"
      query.agent = "Cloud Apps"
      query.instanceName = "eu-west-1"
      query.subclientName = "orders"
      for _ in 1...2 { #expect(try await stage.center.ids(query).subclientId == 1201) }
      #expect(stage.simulator.view.count("GET", "/GetId") == 1)
      query = IdQuery()
      query.clientName = "nobody"
      for _ in 1...2 { #expect(try await stage.center.ids(query).clientId == nil) }
      #expect(stage.simulator.view.count("GET", "/GetId") == 3)
    }
  }

  @Test("Jobs come page by page, up to a limit")
  func pages() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      await stage.all(1...1100) { id in _ = try? await stage.center.submit(Payload.dynamodb(id)) }
      #expect(try await stage.center.allJobs(JobQuery()).count == 1100)
      #expect(stage.simulator.view.count("POST", "/Jobs") == 2)
      let few = try await stage.center.allJobs(JobQuery(), most: 3)
      #expect(few.map(\.jobId) == [149985, 149984, 149983])
    }
  }
}

@Suite("Any request of the API")
struct AnyRequestTests {
  @Test("gives the answer whatever its status")
  func statuses() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      #expect(try await stage.center.answer(to: .get, "/Client").status == 200)
      #expect(try await stage.center.answer(to: .get, "/nothing").status == 404)
      stage.wire.disturb { request in request.path == "/commandcenter/api/Client" ? .status(401, "") : nil }
      #expect(try await stage.center.answer(to: .get, "/Client").status == 401)
    }
  }

  @Test("tries a GET again, to the last answer")
  func again() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      stage.wire.disturb(first(2, to: "/Client", .status(502, "<html>")))
      #expect(try await stage.center.answer(to: .get, "/Client").status == 200)
      stage.wire.disturb(first(100, to: "/Client", .status(502, "<html>")))
      #expect(try await stage.center.answer(to: .get, "/Client").status == 502)
      stage.wire.disturb(first(3, to: "/Client", .refused))
      #expect(try await stage.center.answer(to: .get, "/Client").status == 200)
    }
  }

  @Test("sends nothing else twice that may have been carried out")
  func once() async throws {
    let stage = try Stage()
    try await stage.run { (stage) async throws -> Void in
      _ = try await stage.center.clients()
      stage.wire.disturb(first(1, to: "/JobDetails", .answerLost))
      let error = await #expect(throws: CommandCenterError.self) {
        try await stage.center.answer(to: .post, "/JobDetails", body: Array(#"{"jobId":1}"#.utf8))
      }
      #expect(error?.kind == .ambiguous)
      #expect(stage.simulator.view.count("POST", "/JobDetails") == 1)
      stage.wire.disturb(first(1, to: "/Backupset", .status(503, "")))
      #expect(try await stage.center.answer(to: .post, "/Backupset").status == 503)
      // A token that has died: the server did nothing.
      stage.wire.disturb { _ in nil }
      stage.simulator.expireTokens()
      #expect(
        try await stage.center.answer(to: .post, "/JobDetails", body: Array(#"{"jobId":1}"#.utf8)).status
          == 200)
    }
  }
}
