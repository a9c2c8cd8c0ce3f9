import Simulator
import SimulatorServer
import Testing

@Suite("Faults of the wire, over a socket", .timeLimit(.minutes(20)))
struct WireFaultTests {
  /// Submits once under a fault, and once more without.
  ///
  /// - Returns: what came back, and how many jobs there were after the first one.
  private func submit(_ fault: String) async throws -> (first: Got, jobs: Int, second: Got) {
    let results = Results()
    try await Served.run(faults: "dynamodb:\(fault)@1") { server in
      let path = "/commandcenter/api/createtask"
      let first = try await server.send("POST", path, token: Served.token, body: Served.backup)
      let jobs = server.simulator.view.jobs.count
      let second = try await server.send("POST", path, token: Served.token, body: Served.backup)
      #expect(server.simulator.view.count("POST", "/createtask") == 2)
      await results.keep((first, jobs, second))
    }
    return try #require(await results.kept)
  }

  @Test("drop-answer: the job is there, an answer is not")
  func dropAnswer() async throws {
    let (first, jobs, second) = try await submit("drop-answer")
    #expect(first.text.isEmpty)
    #expect(first.ending == .closed)
    #expect(jobs == 1)
    #expect(second.body.contains("Another backup is running"))
  }

  @Test("drop-before: neither job nor answer is there")
  func dropBefore() async throws {
    let (first, jobs, second) = try await submit("drop-before")
    #expect(first.text.isEmpty)
    #expect(jobs == 0)
    #expect(second.body.contains("148886"))
  }

  @Test("reset: the connection is reset, the job is there")
  func reset() async throws {
    let (first, jobs, _) = try await submit("reset")
    #expect(first.text.isEmpty)
    #expect(first.ending == .reset)
    #expect(jobs == 1)
  }

  @Test("http=CODE and html: somebody else answers, nothing is done")
  func intercepted() async throws {
    let (first, jobs, second) = try await submit("http=503")
    #expect(first.status == 503)
    #expect(first.field("Retry-After") == "1")
    #expect(jobs == 0)
    #expect(second.status == 200)
    let (page, none, _) = try await submit("html")
    #expect(page.status == 200)
    #expect(page.field("Content-Type") == "text/html")
    #expect(none == 0)
  }

  @Test("truncate: less comes than the head says")
  func truncate() async throws {
    let (first, jobs, _) = try await submit("truncate")
    let length = try #require(first.field("Content-Length").flatMap { Int($0) })
    #expect(first.body.utf8.count == length / 2)
    #expect(jobs == 1)
  }

  @Test("trickle: slow, but whole")
  func trickle() async throws {
    let (first, jobs, _) = try await submit("trickle=200ms")
    #expect(first.body == #"{"taskId":9920,"jobIds":["148886"]}"#)
    #expect(jobs == 1)
  }

  @Test("throttle: what is above the rate is answered 429 and told how long to wait")
  func throttle() async throws {
    try await Served.run(faults: "jobs:throttle=2/h") { server in
      for expected in [200, 200, 429, 429] {
        let got = try await server.send(
          "POST", "/commandcenter/api/Jobs", token: Served.token,
          body: #"{"scope":1,"category":0,"pagingConfig":{"offset":0,"limit":10}}"#)
        #expect(got.status == expected)
        guard expected == 429 else { continue }
        #expect(got.field("X-RateLimit-Limit") == "2")
        #expect(got.field("X-RateLimit-Period") == "3600")
        #expect(got.field("Retry-After").flatMap { Int($0) }.map { (3000...3600).contains($0) } == true)
      }
      let other = try await server.send("GET", "/commandcenter/api/Client", token: Served.token)
      #expect(other.status == 200)
    }
  }

  @Test("expire-token: the token of a login dies, and another login brings another")
  func expireToken() async throws {
    try await Served.run(faults: "lookup:expire-token@2") { server in
      func logIn() async throws -> String? {
        try await server.send("POST", "/commandcenter/api/Login", body: Served.login).member("token")
      }
      let token = try await logIn()
      func clients(_ token: String?) async throws -> Int {
        try await server.send("GET", "/commandcenter/api/Client", token: token).status
      }
      #expect(try await clients(token) == 200)
      #expect(try await clients(token) == 401)
      #expect(try await clients(try await logIn()) == 200)
    }
  }

  @Test("Requests are a target by their name", arguments: ["login", "request"])
  func requests(target: String) async throws {
    try await Served.run(faults: "\(target):http=502@1") { server in
      let first = try await server.send("POST", "/commandcenter/api/Login", body: Served.login)
      #expect(first.status == 502)
      let second = try await server.send("POST", "/commandcenter/api/Login", body: Served.login)
      #expect(second.status == 200)
    }
  }
}

private actor Results {
  private(set) var kept: (first: Got, jobs: Int, second: Got)?
  func keep(_ results: (first: Got, jobs: Int, second: Got)) { kept = results }
}
