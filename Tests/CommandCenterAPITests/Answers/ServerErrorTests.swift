import CommandCenterAPI
import Testing

@Suite("The server's errors")
struct ServerErrorTests {
  struct Envelope: CustomTestStringConvertible, Sendable {
    let name: String
    let status: Int
    let body: String
    let kind: ServerError.Kind
    let code: Int64?
    let message: String

    init(
      _ name: String, _ status: Int, _ body: String, _ kind: ServerError.Kind, _ code: Int64?,
      _ message: String
    ) {
      self.name = name
      self.status = status
      self.body = body
      self.kind = kind
      self.code = code
      self.message = message
    }

    var testDescription: String { name }
  }

  static let envelopes = [
    Envelope(
      "a bare string", 400, "Request body is empty or format is invalid", .rejected, nil,
      "Request body is empty or format is invalid"),
    Envelope(
      "a quoted string", 400, #""Request body is empty or format is invalid.""#, .rejected, nil,
      "Request body is empty or format is invalid."),
    Envelope(
      "access denied", 401, #"{"errorMessage":"Access denied","errorCode":5}"#, .accessDenied, 5,
      "Access denied"),
    Envelope(
      "401 and nothing else", 401, "", .accessDenied, nil,
      "The server answered HTTP 401 without an explanation."),
    Envelope(
      "code 5 under another status", 500, #"{"errorMessage":"Access denied","errorCode":"5"}"#, .accessDenied,
      5, "Access denied"),
    Envelope(
      "no eligible subclients", 500,
      #"{"errorMessage":"Failed to start backups as no eligible subclients were found. ","#
        + #""errorCode":587207178}"#,
      .rejected, 587_207_178, "Failed to start backups as no eligible subclients were found."),
    Envelope(
      "busy under HTTP 200", 200,
      #"{"errorMessage":"Error 0x10c: Another backup is running for client [aws-prod].","errorCode":2}"#,
      .busy,
      2, "Error 0x10c: Another backup is running for client [aws-prod]."),
    Envelope(
      "busy in an error object", 500,
      #"{"error":{"errorCode":2,"errLogMessage":"Another backup is running for subclient [x]"}}"#, .busy, 2,
      "Another backup is running for subclient [x]"),
    Envelope(
      "code 2 that is not busy", 200, #"{"errorMessage":"Invalid subclient","errorCode":2}"#, .rejected, 2,
      "Invalid subclient"),
    Envelope(
      "a text without a code", 200, #"{"errorMessage":"No."}"#, .rejected, nil, "No."),
    Envelope(
      "error, errorMessage", 400, #"{"error":{"errorCode":1118,"errorMessage":"Bad client"}}"#, .rejected,
      1118,
      "Bad client"),
    Envelope(
      "error, errLogMessage", 200, #"{"error":{"errLogMessage":"Bad client","errorCode":1118}}"#, .rejected,
      1118, "Bad client"),
    Envelope(
      "error, errList", 200,
      #"{"error":{"errList":[{"errorCode":0,"errLogMessage":""},{"errorCode":7,"errLogMessage":"Second"}]}}"#,
      .rejected, 7, "Second"),
    Envelope(
      "error, a string", 403, #"{"error":"Forbidden here"}"#, .rejected, nil, "Forbidden here"),
    Envelope(
      "errors, errList", 200, #"{"errors":[{"errList":[{"errorCode":5,"errLogMessage":"Access denied"}]}]}"#,
      .accessDenied, 5, "Access denied"),
    Envelope(
      "errList", 200, #"{"errList":[{"errorCode":1116,"errLogMessage":"Username/Password are incorrect"}]}"#,
      .rejected, 1116, "Username/Password are incorrect"),
    Envelope(
      "response", 200, #"{"response":[{"errorCode":3}]}"#, .rejected, 3,
      "The server answered HTTP 200 with error 3 and no explanation."),
    Envelope(
      "response with a text", 200, #"{"response":[{"errorString":"Job is gone","errorCode":3}]}"#, .rejected,
      3,
      "Job is gone"),
    Envelope(
      "too many requests", 429, #"{"errorMessage":"Rate limit exceeded","errorCode":429}"#, .rateLimited, 429,
      "Rate limit exceeded"),
    Envelope("not found", 404, #"{"errorMessage":"No such job","errorCode":1}"#, .notFound, 1, "No such job"),
    Envelope(
      "a page of IIS", 404,
      "<!DOCTYPE html PUBLIC \"-//W3C//DTD\">\r\n"
        + "<HTML><HEAD><TITLE>404 - File or directory\n not found.</TITLE></HEAD></HTML>",
      .notFound, nil, "404 - File or directory not found."),
    Envelope(
      "a page of Tomcat", 502,
      "<html><head><title>HTTP Status 502 &#8211; Bad&nbsp;Gateway</title></head>"
        + "<body><h1>x</h1></body></html>",
      .unintelligible, nil,
      "The server answered HTTP 502: HTTP Status 502 – Bad Gateway"),
    Envelope(
      "a page without a title", 503, "<html><body><h1>Service <b>Unavailable</b></h1></body></html>",
      .unintelligible, nil,
      "The server answered HTTP 503: Service Unavailable"),
    Envelope(
      "a page under HTTP 200", 200, "<html><title>Sign in</title></html>", .unintelligible, nil,
      "The server answered HTTP 200 with something that is not understood: Sign in"),
    Envelope(
      "a 500 without a code", 500, #"{"errorMessage":"boom"}"#, .unintelligible, nil, "boom"),
    Envelope(
      "a 500 with code 0", 500, #"{"errorMessage":"","errorCode":0}"#, .unintelligible, 0,
      "The server answered HTTP 500 with error 0 and no explanation."),
    Envelope(
      "an empty 500", 500, "", .unintelligible, nil, "The server answered HTTP 500 without an explanation."),
    Envelope(
      "an empty 200", 200, "", .unintelligible, nil, "The server answered HTTP 200 with an empty body."),
    Envelope(
      "garbage", 200, "{\"taskId\":99", .unintelligible, nil,
      "The server answered HTTP 200 with something that is not understood: {\"taskId\":99"),
    Envelope(
      "JSON that says nothing", 200, #"{"processinginstructioninfo":{}}"#, .unintelligible, nil,
      #"The server answered HTTP 200 with something that is not understood: {"processinginstructioninfo":{}}"#
    ),
    Envelope(
      "a bare string under HTTP 200", 200, #""fine""#, .unintelligible, nil,
      #"The server answered HTTP 200 with something that is not understood: "fine""#),
    Envelope(
      "a text of many lines", 400, "  one\r\n\ttwo\u{1B}  \n", .rejected, nil, "one two"),
  ]

  @Test("come in many envelopes and leave in one", arguments: envelopes)
  func submit(envelope: Envelope) {
    #expect(
      throws: ServerError(
        httpStatus: envelope.status, code: envelope.code, message: envelope.message, kind: envelope.kind)
    ) {
      try decodeSubmit(status: envelope.status, body: Array(envelope.body.utf8))
    }
  }

  @Test("show their code", arguments: [(2, "No (error 2)"), (nil, "No")] as [(Int64?, String)])
  func description(code: Int64?, text: String) {
    #expect(ServerError(httpStatus: 200, code: code, message: "No", kind: .rejected).description == text)
  }

  @Test(
    "are not seen where there are none",
    arguments: [
      "{}", #"{"errorCode":0}"#, #"{"errors":[]}"#,
      #"{"response":[{"errorCode":0}]}"#, #"{"errorCode":0,"errorMessage":"Success"}"#,
    ])
  func acknowledgement(body: String) throws {
    try decodeAcknowledgement(status: 200, body: Array(body.utf8))
  }

  @Test("never crash the decoder, whatever bytes come")
  func fuzz() {
    var random = SeededGenerator(seed: 3)
    for envelope in Self.envelopes {
      for _ in 0..<200 {
        var body = Array(envelope.body.utf8)
        if !body.isEmpty {
          body[.random(in: 0..<body.count, using: &random)] = .random(in: 0...255, using: &random)
        }
        let status = [200, 400, 401, 500].randomElement(using: &random)!
        do {
          _ = try decodeSubmit(status: status, body: body)
          Issue.record("no job was named, and one was found: \(String(decoding: body, as: UTF8.self))")
        } catch {
          #expect(!error.message.isEmpty)
          #expect(!error.message.contains("\n"))
        }
      }
    }
  }
}
