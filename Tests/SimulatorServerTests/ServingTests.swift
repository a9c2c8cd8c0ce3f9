import Clock
import Simulator
import SimulatorServer
import Testing

@Suite("Serving a simulator", .timeLimit(.minutes(20)))
struct ServingTests {
  @Test("An answer comes over a socket as it does in process; what was asked is told as JSON")
  func answers() async throws {
    try await Served.run { server in
      let body = Served.login
      let login = try await server.send("POST", "/commandcenter/api/Login", body: body)
      #expect(login.status == 200)
      let token = try #require(login.member("token"))
      let clients = try await server.send("GET", "/commandcenter/api/client", token: token)
      #expect(clients.body.contains("aws-prod"))
      let state = try await server.send("GET", "/simulator/state")
      #expect(
        state.body == """
          {"requests":[{"method":"GET","path":"/Client","count":1},\
          {"method":"POST","path":"/Login","count":1}],\
          "limits":{"writes":{"most_in_an_hour":1,"refused":0},"reads":{"most_in_an_hour":1,"refused":0}},\
          "most_at_once":0,"jobs":[]}
          """)
    }
  }

  @Test("A job that was submitted shows in the view, with all that the view has of it")
  func jobInView() async throws {
    try await Served.run { server in
      let answer = try await server.send(
        "POST", "/commandcenter/api/CreateTask", token: Served.token, body: Served.backup)
      #expect(answer.body == #"{"taskId":9920,"jobIds":["148886"]}"#)
      let state = try await server.send("GET", "/simulator/state")
      // When it was submitted differs from run to run.
      let body = state.body.replacing(/"submitted":"[^"]*"/, with: "\"submitted\":\"…\"")
      #expect(
        body.hasSuffix(
          """
          "jobs":[{"job_id":148886,"task_id":9920,"workload":"dynamodb","target":"aws-prod/DynamoDB/1042",\
          "status":"Waiting","submitted":"…","description":"night 1","user":"simulator"}]}
          """), "\(state.body)")
    }
  }

  @Test("Two requests go over one connection")
  func keepAlive() async throws {
    try await Served.run { server in
      let both = try await server.exchange(
        Served.request("GET", "/commandcenter/api/Client", token: Served.token, keepAlive: true)
          + Served.request("GET", "/commandcenter/api/Nonsense", token: Served.token))
      #expect(both.text.hasPrefix("HTTP/1.1 200"))
      #expect(both.text.contains("HTTP/1.1 404"))
    }
  }

  @Test("It ends when its task is cancelled, even while a client keeps half a request open")
  func ends() async throws {
    try await Served.run { server in
      try await server.open(
        "POST /commandcenter/api/Login HTTP/1.1\r\nHost: here\r\nContent-Length: 900\r\n\r\n{")
    }
  }
}
