import BadServers
import Glibc
import Testing

@Suite("A wrong address, certificate or answer")
struct LiveMistakeTests {
  /// A profile's folder without a simulator, and one run against whatever stands there.
  private func run(
    _ url: String, login: String? = nil, _ more: String = "unattended = true", code: String = oneBackup
  ) async throws -> Child.Ending {
    let folder = try Folder()
    let password = "\(folder.path)/password"
    for name in ["password", "token"] {
      try folder.write(name, Served.password + "\n")
      chmod("\(folder.path)/\(name)", 0o600)
    }
    let login =
      login?.replacing("FOLDER", with: folder.path)
      ?? "user = \"svc\", password = secret.file \"\(password)\""
    try folder.write("config.lua", "return { prod = { url = \"\(url)\", \(login), \(more) } }")
    let ending = try await Child(
      Place.cvlua, ["--config", "config.lua", "--journal", "none", "-e", code], in: folder.path,
      environment: Place.environment
    ).ending()
    #expect(!ending.errors.contains(Served.password))
    return ending
  }

  private let withToken = "token = secret.file \"FOLDER/token\""

  /// The reasons that a recap gives, one a target.
  private func reasons(_ ending: Child.Ending) -> [String] {
    ending.errors.split(separator: "\n").filter { $0.hasPrefix("      ") }
      .map { String($0.drop { $0 == " " }) }
  }

  @Test(
    "is one sentence, and exit code 18: nothing got through",
    arguments: [
      ("https://no-such-host.invalid", "the name no-such-host.invalid is not known"),
      ("https://127.0.0.1:1", "connection refused by 127.0.0.1:1"),
    ])
  func unreachable(url: String, sentence: String) async throws {
    let ending = try await run(url)
    #expect(reasons(ending) == ["The Command Center cannot be reached: \(sentence)"], "\(ending.errors)")
    #expect(ending.code == 18)
  }

  @Test("http where https is spoken, and https where http is", arguments: [true, false])
  func schemes(isSecure: Bool) async throws {
    let served = try await Served(isSecure ? ["--tls"] : [])
    let rest = served.url.drop { $0 != ":" }
    try served.configure(url: isSecure ? "http\(rest)" : "https\(rest)")
    let ending = try await served.run("-e", oneBackup)
    let sentence = isSecure ? "(it was asked in plain http; is that right?)" : "(is it plain http?)"
    #expect(ending.code == 18)
    #expect(reasons(ending).count == 1 && reasons(ending)[0].hasSuffix(sentence), "\(ending.errors)")
    #expect(try await served.state().jobs.isEmpty)
    try await served.close()
  }

  @Test("plain http to another machine, and what is no URL, are refused before anything is sent")
  func refused() async throws {
    for (url, sentence) in [
      ("http://cc.example.com", "plain http would show the token to everyone on the way to cc.example.com"),
      ("ftp://cc.example.com", "is no URL of a Command Center, such as https://HOST/commandcenter/api"),
      ("cc example", "is no URL of a Command Center, such as https://HOST/commandcenter/api"),
    ] {
      let ending = try await run(url)
      #expect(ending.errors.contains(sentence), "\(ending.errors)")
      #expect(ending.code == 64)
    }
  }

  @Test("certificates that nobody should trust")
  func certificates() async throws {
    let forge = try Forge()
    let authority = "unattended = true, ca_file = \"\(forge.folder)/ca.pem\""
    let good = try forge.serve("good")
    let wrong = try forge.serve("wrong")
    let expired = try forge.serve("expired")
    async let untrusted = run("https://127.0.0.1:\(good)")
    async let misnamed = run("https://127.0.0.1:\(wrong)", authority)
    async let old = run("https://127.0.0.1:\(expired)", authority)
    for (ending, sentence) in [
      (try await untrusted, "is not signed by an authority that is trusted here"),
      (try await misnamed, "is for another name"), (try await old, "expired on 2"),
    ] {
      #expect(ending.code == 18)
      #expect(reasons(ending).count == 1 && reasons(ending)[0].contains(sentence), "\(ending.errors)")
    }
  }

  @Test("a token that cannot be sent")
  func token() async throws {
    let served = try await Served()
    try served.secret("token", "two\nlines")
    try served.configure(login: "token = secret.file \"\(served.folder.path)/keys/token\"")
    let lines = try await served.run("-e", oneBackup)
    #expect(lines.errors.contains("keys/token holds several lines, where one secret is wanted"))
    #expect(lines.code == 64)
    try served.secret("token", "a bell \u{7}")
    let bell = try await served.run("-e", oneBackup)
    #expect(
      reasons(bell) == [
        "The token cannot be sent: it is empty, or holds a line break or other odd characters."
      ], "\(bell.errors)")
    #expect(bell.code == 18)
    #expect(try await served.state().requests == [:])
  }

  @Test("a Command Center that no profile describes")
  func unknown() async throws {
    let served = try await Served()
    let ending = try await served.run(
      "-e", #"commcell "simm".backup.rds{ clientName = "c", instanceName = "i", subclientName = "a" }"#)
    #expect(ending.errors.contains("there is no profile simm; did you mean sim?"), "\(ending.errors)")
    #expect(ending.code == 65)
    #expect(try await served.state().requests == [:])
  }

  /// What a server says to every request, and what the run says of it.
  struct Answer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sentence: String
    /// Where a login is answered so; nil for the same.
    var loginSentence: String?
    /// The exit codes where a submit is answered so, and where a login is.
    var codes: (submit: Int32, login: Int32) = (20, 18)
    /// How long the run waits for an answer: long enough for a busy machine.
    var patience = "60s"
    let give: @Sendable (Connection) -> Void
  }

  static let answers = [
    Answer(testDescription: "a web page", sentence: "something that is not understood: Sign in") {
      $0.answer("<html><title>Sign in</title></html>")
    },
    Answer(testDescription: "nothing in it", sentence: "The server answered HTTP 200 with an empty body.") {
      $0.answer("")
    },
    Answer(testDescription: "no such path", sentence: "404 Not Found", codes: (3, 18)) {
      $0.answer("<html><h1>404 Not Found</h1></html>", status: "404 Not Found")
    },
    Answer(testDescription: "a redirection", sentence: "points to https://sso.example/login", codes: (20, 18))
    {
      $0.answer("", status: "302 Found", fields: "Location: https://sso.example/login?token=x\r\n")
    },
    Answer(testDescription: "half of it", sentence: "closed the connection in the middle of its answer") {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"taskId\":1,")
    },
    Answer(
      testDescription: "the wrong types", sentence: "something that is not understood",
      loginSentence: "The server refused the login without saying why."
    ) {
      $0.answer(#"{"taskId":{"a":1},"jobIds":"148886","token":7}"#)
    },
    Answer(testDescription: "arrays in arrays", sentence: "something that is not understood") {
      $0.answer(String(repeating: "[", count: 1_000_000))
    },
    Answer(testDescription: "a gigabyte", sentence: "the body of the answer is larger than 64 MB") {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
      $0.waitForEnd()
    },
    Answer(testDescription: "without an end", sentence: "the body of the answer is larger than 64 MB") {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = Array("100000\r\n".utf8) + Array(repeating: 0x20, count: 1 << 20) + Array("\r\n".utf8)
      while $0.write(chunk) {}
    },
    Answer(testDescription: "another protocol", sentence: "does not answer in HTTP (is that the right port?)")
    {
      $0.write("SSH-2.0-OpenSSH_9.2\r\n")
    },
    Answer(testDescription: "nothing ever", sentence: "did not answer within 2 s", patience: "2s") {
      $0.waitForEnd()
    },
  ]

  @Test("an answer that makes no sense leaves a submit unknown", arguments: answers)
  func submit(_ answer: Answer) async throws {
    let server = try Misbehaving { connection, _ in if connection.readRequest() { answer.give(connection) } }
    defer { server.stop() }
    let ending = try await run(
      "http://127.0.0.1:\(server.port)", login: withToken,
      "unattended = true, request_timeout = \"\(answer.patience)\"")
    #expect(ending.code == answer.codes.submit, "\(ending.errors)")
    #expect(reasons(ending).count == 1 && reasons(ending)[0].contains(answer.sentence), "\(ending.errors)")
    #expect(server.requests.count == 1)
  }

  @Test("an answer that makes no sense is no login, and nothing is submitted", arguments: answers)
  func login(_ answer: Answer) async throws {
    let server = try Misbehaving { connection, _ in if connection.readRequest() { answer.give(connection) } }
    defer { server.stop() }
    let ending = try await run(
      "http://127.0.0.1:\(server.port)", "unattended = true, request_timeout = \"\(answer.patience)\"")
    #expect(ending.code == answer.codes.login, "\(ending.errors)")
    #expect(
      reasons(ending).count == 1 && reasons(ending)[0].contains(answer.loginSentence ?? answer.sentence),
      "\(ending.errors)")
    #expect(server.requests.allSatisfy { $0.hasPrefix("POST /commandcenter/api/Login ") })
  }
}
