import CommandCenterAPI
import Testing

@Suite("The answer to a login")
struct LoginAnswerTests {
  @Test(
    "holds the token",
    arguments: [
      (
        #"{"userName":"backup","userGUID":"A-1","token":"QSDK 3f9","errList":[],"isAccountLocked":false}"#,
        LoginAnswer(token: "QSDK 3f9", userName: "backup", userGUID: "A-1")
      ),
      (#"{"data":{"authToken":"abc"}}"#, LoginAnswer(token: "abc")),
    ])
  func token(body: String, answer: LoginAnswer) throws {
    #expect(try decodeLogin(status: 200, body: Array(body.utf8)) == answer)
  }

  @Test("may be a refusal under HTTP 200")
  func refusal() {
    let body = """
      {"isAccountLocked":true,"remainingLockTime":1800,\
      "errList":[{"errorCode":1116,"errLogMessage":"Username/Password are incorrect. "}]}
      """
    #expect(
      throws: ServerError(
        httpStatus: 200, code: 1116, message: "Username/Password are incorrect.", kind: .loginRefused,
        lock: .init(isLocked: true, remainingTime: 1800))
    ) {
      try decodeLogin(status: 200, body: Array(body.utf8))
    }
  }

  @Test(
    "that has no token is a refusal, said or not",
    arguments: [
      (
        200, #"{"errList":[]}"#, ServerError.Kind.loginRefused,
        "The server refused the login without saying why."
      ),
      (200, #"{"token":" "}"#, .loginRefused, "The server refused the login without saying why."),
      (
        200, #"{"isAccountLocked":true}"#, .loginRefused,
        "The server refused the login: the account is locked."
      ),
      (401, #"{"errorMessage":"Access denied","errorCode":5}"#, .loginRefused, "Access denied"),
      (429, "slow down", .rateLimited, "The server answered HTTP 429: slow down"),
      (200, "[]", .unintelligible, "The server answered HTTP 200 with something that is not understood: []"),
      (503, "", .unintelligible, "The server answered HTTP 503 without an explanation."),
    ])
  func noToken(status: Int, body: String, kind: ServerError.Kind, message: String) {
    #expect {
      try decodeLogin(status: status, body: Array(body.utf8))
    } throws: { error in
      let error = error as? ServerError
      return error?.kind == kind && error?.message == message
    }
  }

  @Test("reads back as it was written")
  func roundTrip() throws {
    let answer = LoginAnswer(token: "QSDK 1", userName: "u", userGUID: "g")
    var json = JSONWriter()
    answer.write(to: &json)
    #expect(try decodeLogin(status: 200, body: json.bytes) == answer)
  }
}
