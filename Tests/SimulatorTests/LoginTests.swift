import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("Logging in to the simulator")
struct LoginTests {
  @Test("A wrong password is refused under HTTP 200, without a token")
  func wrongPassword() throws {
    let caller = try Caller(loggedIn: false)
    let error = #expect(throws: ServerError.self) { try caller.logIn("simulator", "wrong") }
    #expect(error?.kind == .loginRefused)
    #expect(error?.httpStatus == 200)
  }

  @Test("Without a good token everything is denied", arguments: ["", "QSDK made-up"])
  func denied(token: String) throws {
    var caller = try Caller(loggedIn: false)
    caller.token = token
    let answer = caller.send(.get, "/Client")
    #expect(answer.status == 401)
    #expect(
      String(decoding: answer.body, as: UTF8.self) == #"{"errorMessage":"Access denied","errorCode":5}"#)
  }

  @Test("A token dies after 30 minutes without use, and lives as long as it is used")
  func inactivity() throws {
    let caller = try Caller()
    for _ in 0..<3 {
      caller.clock.advance(by: .seconds(29 * 60))
      #expect(caller.send(.get, "/Client").status == 200)
    }
    caller.clock.advance(by: .seconds(31 * 60))
    #expect(caller.send(.get, "/Client").status == 401)
  }

  @Test("After a logout the token is dead")
  func logout() throws {
    let caller = try Caller()
    #expect(caller.send(.post, "/Logout").body == Array("User logged out".utf8))
    #expect(caller.send(.get, "/Client").status == 401)
  }

  @Test("Paths match without regard to case; others are not found")
  func paths() throws {
    let caller = try Caller()
    #expect(caller.send(.get, "/CLIENT").status == 200)
    #expect(caller.send(.post, "/CreatEtask").status == 400)
    #expect(caller.send(.get, "/Nonsense").status == 404)
    #expect(caller.send(.get, "/createtask").status == 405)
  }

  @Test("It counts what it is asked")
  func counts() throws {
    let caller = try Caller()
    _ = caller.send(.get, "/Job/1")
    _ = caller.send(.get, "/job/2")
    let view = caller.simulator.view
    #expect(view.count("GET", "/Job/{id}") == 2)
    #expect(view.count("POST", "/Login") == 1)
    #expect(view.requestCount == 3)
  }
}
