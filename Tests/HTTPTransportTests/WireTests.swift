import BadServers
import CommandCenter
import Glibc
import HTTPTypes
import Testing

@testable import HTTPTransport

private let token = "QSDK 5ec7e75ec7e75ec7e7"

/// A request of a token, to a server on loopback.
private func request(
  _ transport: HTTPTransport, _ method: HTTPRequest.Method = .get, body: String = "", path: String = "/Client"
) -> (HTTPRequest, [UInt8]) {
  var fields: HTTPFields = [.accept: "application/json"]
  fields[HTTPField.Name("Authtoken")!] = token
  let endpoint = transport.endpoint
  return (
    HTTPRequest(
      method: method, scheme: endpoint.scheme, authority: endpoint.authority, path: endpoint.basePath + path,
      headerFields: fields), Array(body.utf8)
  )
}

private func transport(
  _ server: Misbehaving, _ change: (inout HTTPSettings) -> Void = { _ in }
) throws -> HTTPTransport {
  var settings = HTTPSettings()
  change(&settings)
  return try HTTPTransport(
    endpoint: Endpoint(scheme: "http", authority: "127.0.0.1:\(server.port)"), settings: settings)
}

private func ask(
  _ transport: HTTPTransport, _ method: HTTPRequest.Method = .get, body: String = "", path: String = "/Client"
) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
  let (request, body) = request(transport, method, body: body, path: path)
  return try await transport.send(request, body: body)
}

/// The error, which must never show the token.
private func failure(_ transport: HTTPTransport, _ method: HTTPRequest.Method = .post) async
  -> TransportError?
{
  let error = await #expect(throws: TransportError.self) {
    _ = try await ask(transport, method, body: method == .post ? "{}" : "")
  }
  if let error {
    #expect(!"\(error) \(String(reflecting: error))".contains("5ec7e7"))
    #expect(!error.message.hasSuffix("."))
  }
  return error
}

@Suite("Over real sockets")
struct WireTests {
  @Test("Requests keep their connection, and headers come through both ways")
  func keepAlive() async throws {
    let server = try Misbehaving { connection, _ in
      while connection.readRequest() {
        connection.answer("{}", fields: "Retry-After: 7\r\nDate: Sat, 21 Nov 2026 02:00:00 GMT\r\n")
      }
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.idleTimeout = .seconds(600) }
    for _ in 1...20 {
      let (response, body) = try await ask(transport, .post, body: "{\"a\":1}")
      #expect(response.status.code == 200)
      #expect(body == Array("{}".utf8))
      #expect(response.headerFields[.retryAfter] == "7")
      #expect(response.headerFields[.date] == "Sat, 21 Nov 2026 02:00:00 GMT")
    }
    #expect(server.connections == 1)
    #expect(server.requests.count == 20)
    let head = try #require(server.requests.first)
    #expect(head.hasPrefix("POST /commandcenter/api/Client HTTP/1.1"))
    #expect(head.contains(token))
    await transport.close()
  }

  @Test("Many at once share a few connections, none gives up in the line")
  func many() async throws {
    let server = try Misbehaving { connection, _ in
      while connection.readRequest() { connection.answer("{}") }
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.connections = 4 }
    let answers = await withTaskGroup(of: Int.self) { group in
      for _ in 1...300 {
        group.addTask { (try? await ask(transport))?.0.status.code ?? 0 }
      }
      return await group.reduce(into: 0) { $0 += $1 == 200 ? 1 : 0 }
    }
    #expect(answers == 300)
    #expect(server.connections <= 4)
  }

  @Test("A server that accepts and never answers")
  func silent() async throws {
    let server = try Misbehaving { connection, _ in connection.waitForEnd() }
    defer { server.stop() }
    let transport = try transport(server) { $0.requestTimeout = .milliseconds(300) }
    let error = await failure(transport)
    #expect(error?.mayHaveArrived == true)
    #expect(error?.message.contains("did not answer within 0.3 s") == true, "\(error as Any)")
  }

  @Test("A server that closes, or resets, instead of answering")
  func closes() async throws {
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      if number % 2 == 0 { connection.reset() }
    }
    defer { server.stop() }
    let transport = try transport(server)
    for _ in 1...4 {
      let error = await failure(transport)
      #expect(error?.mayHaveArrived == true)
      #expect(error?.message.contains("closed the connection before it answered") == true, "\(error as Any)")
    }
    #expect(server.requests.count == 4)
  }

  @Test("A body that is cut short")
  func truncated() async throws {
    let server = try Misbehaving { connection, _ in
      connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"jobs\":")
    }
    defer { server.stop() }
    let error = await failure(try transport(server))
    #expect(error?.mayHaveArrived == true)
    #expect(error?.message.contains("in the middle of its answer") == true, "\(error as Any)")
  }

  @Test("A body that never ends, announced or not, is not read to its end")
  func huge() async throws {
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      if number == 1 {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        connection.waitForEnd()
      } else {
        connection.write("HTTP/1.1 200 OK\r\n\r\n")
        let chunk = [UInt8](repeating: 32, count: 65_536)
        while connection.write(chunk) {}
      }
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.maximumBody = 2 << 20 }
    for _ in 1...2 {
      let error = await failure(transport)
      #expect(error?.mayHaveArrived == true)
      #expect(error?.message.contains("larger than 2 MB") == true, "\(error as Any)")
    }
  }

  @Test("A body that trickles")
  func trickle() async throws {
    let server = try Misbehaving { connection, _ in
      connection.readRequest()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      while connection.write(" ") { usleep(20_000) }
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.requestTimeout = .milliseconds(400) }
    let error = await failure(transport)
    #expect(error?.message.contains("not complete after 0.4 s") == true, "\(error as Any)")
  }

  @Test("Headers without end, and something that is no HTTP")
  func garbage() async throws {
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      if number == 1 {
        connection.write("HTTP/1.1 200 OK\r\n")
        while connection.write("X-Filler: \(String(repeating: "x", count: 8000))\r\n") {}
      } else {
        connection.write("220 smtp.example ESMTP\r\n\r\n")
        connection.waitForEnd()
      }
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.requestTimeout = .seconds(20) }
    let first = await failure(transport)
    #expect(first?.message.contains("headers") == true, "\(first as Any)")
    let second = await failure(transport)
    #expect(second?.message.contains("does not answer in HTTP") == true, "\(second as Any)")
  }

  @Test("A redirect is an answer, and not followed")
  func redirect() async throws {
    let other = try Misbehaving { connection, _ in
      while connection.readRequest() { connection.answer("stolen") }
    }
    defer { other.stop() }
    let server = try Misbehaving { connection, _ in
      connection.readRequest()
      connection.answer("", status: "302 Found", fields: "Location: http://127.0.0.1:\(other.port)/\r\n")
    }
    defer { server.stop() }
    let (response, _) = try await ask(try transport(server))
    #expect(response.status.code == 302)
    #expect(response.headerFields[.location] == "http://127.0.0.1:\(other.port)/")
    #expect(other.connections == 0)
  }

  @Test("Nobody listens; the name is unknown")
  func nobody() async throws {
    let server = try Misbehaving { _, _ in }
    server.stop()
    let refused = await failure(try transport(server))
    #expect(refused?.mayHaveArrived == false)
    #expect(refused?.message.contains("connection refused by 127.0.0.1:") == true, "\(refused as Any)")
    var settings = HTTPSettings()
    settings.proxy = .none
    let unknown = await failure(
      try HTTPTransport(endpoint: Endpoint(authority: "no-such-host.invalid"), settings: settings))
    #expect(unknown?.mayHaveArrived == false)
    #expect(unknown?.message.contains("no-such-host.invalid is not known") == true, "\(unknown as Any)")
  }

  @Test("Packed answers are unpacked, and packed bombs are not")
  func gzip() async throws {
    let small = try shell("printf '{\"jobs\":[]}' | gzip -c")
    let bomb = try shell("head -c 50000000 /dev/zero | gzip -9c")
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      let body = number == 1 ? small : bomb
      connection.write(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
      )
      connection.write(body)
    }
    defer { server.stop() }
    let transport = try transport(server) { $0.maximumBody = 1 << 20 }
    #expect(try await ask(transport).1 == Array("{\"jobs\":[]}".utf8))
    let error = await failure(transport)
    #expect(error?.message.contains("larger than 1 MB") == true, "\(error as Any)")
  }

  @Test("A question is given up when its task is cancelled; a submit is waited for")
  func cancelled() async throws {
    let server = try Misbehaving { connection, _ in
      while connection.readRequest() {
        usleep(200_000)
        connection.answer("{}")
      }
    }
    defer { server.stop() }
    let transport = try transport(server)
    let submit = Task { try await ask(transport, .post, body: "{}") }
    while server.requests.isEmpty { await Task.yield() }
    submit.cancel()
    #expect(try await submit.value.0.status.code == 200)
    let question = Task { try await ask(transport) }
    question.cancel()
    let error = await #expect(throws: TransportError.self) { _ = try await question.value }
    #expect(error?.message == "the request was cancelled")
  }

  @Test("A line break in a path or a header adds no header")
  func lineBreak() async throws {
    let server = try Misbehaving { connection, _ in
      while connection.readRequest() { connection.answer("{}") }
    }
    defer { server.stop() }
    let transport = try transport(server)
    _ = try? await ask(transport, path: "/a b\r\nX-Injected: 1")
    var (request, _) = request(transport)
    request.headerFields[HTTPField.Name("X-Other")!] = "a\r\nX-Injected: 1"
    _ = try? await transport.send(request, body: [])
    for head in server.requests {
      #expect(!head.split(separator: "\r\n").contains { $0.hasPrefix("X-Injected") })
    }
  }

  @Test("Plain http is for this machine, and no request leaves for another host")
  func bounds() async throws {
    #expect(throws: TransportError.self) {
      _ = try HTTPTransport(endpoint: Endpoint(scheme: "http", authority: "center.example"))
    }
    var settings = HTTPSettings()
    settings.allowsPlainHTTP = true
    let transport = try HTTPTransport(
      endpoint: Endpoint(scheme: "http", authority: "center.example"), settings: settings)
    let elsewhere = HTTPRequest(method: .get, scheme: "http", authority: "evil.example", path: "/")
    let error = await #expect(throws: TransportError.self) {
      _ = try await transport.send(elsewhere, body: [])
    }
    #expect(error?.mayHaveArrived == false)
    for (scheme, authority) in [("ftp", "a"), ("https", ""), ("https", "a:99999"), ("https", "a:b")] {
      #expect(throws: TransportError.self) {
        _ = try HTTPTransport(endpoint: Endpoint(scheme: scheme, authority: authority))
      }
    }
  }
}
