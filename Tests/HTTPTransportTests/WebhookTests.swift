import BadServers
import CommandCenter
import Testing

@testable import HTTPTransport

/// The key in a webhook's path, which must never show.
private let key = "5ec7e75ec7e7"

@Suite("A webhook")
struct WebhookTests {
  private func post(
    to address: String, _ change: (inout HTTPSettings) -> Void = { _ in }
  ) async -> Result<Void, TransportError> {
    var settings = Webhook.usualSettings
    change(&settings)
    do throws(TransportError) {
      return .success(try await Webhook(Secret(address), settings: settings).post(Array("{\"a\":1}".utf8)))
    } catch {
      return .failure(error)
    }
  }

  private func failure(of result: Result<Void, TransportError>) throws -> String {
    let error = try #require(throws: TransportError.self) { try result.get() }
    #expect(!"\(error) \(String(reflecting: error))".contains(key))
    #expect(!error.message.contains("127.0.0.1"))
    return error.message
  }

  @Test("posts JSON to its path, query and all")
  func posts() async throws {
    let server = try Misbehaving { connection, _ in
      connection.readRequest()
      connection.answer("ok")
    }
    defer { server.stop() }
    try await post(to: "http://127.0.0.1:\(server.port)/services/\(key)?a=b#c").get()
    let head = try #require(server.requests.first)
    #expect(head.hasPrefix("POST /services/\(key)?a=b HTTP/1.1"))
    #expect(head.lowercased().contains("content-type: application/json"))
  }

  @Test(
    "says what the server answered, and follows no redirect",
    arguments: [
      ("500 Oh", "its server answered 500"), ("404 No", "its server answered 404"),
      ("302 There", "its server answered 302, and redirects are not followed"),
    ])
  func answers(_ status: String, _ sentence: String) async throws {
    let server = try Misbehaving { connection, _ in
      connection.readRequest()
      connection.answer(key, status: status, fields: "Location: http://127.0.0.1:1/\(key)\r\n")
    }
    defer { server.stop() }
    let result = await post(to: "http://127.0.0.1:\(server.port)/\(key)")
    #expect(try failure(of: result) == sentence)
    #expect(server.requests.count == 1)
  }

  @Test("is given up on when it hangs, and when its answer has no end")
  func hangs() async throws {
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      if number == 1 { return connection.waitForEnd() }
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write(String(repeating: key, count: 1000)) {}
    }
    defer { server.stop() }
    let address = "http://127.0.0.1:\(server.port)/\(key)"
    let hung = await post(to: address) { $0.requestTimeout = .milliseconds(300) }
    #expect(try failure(of: hung) == "its server did not answer within 0.3 s")
    let endless = await post(to: address)
    #expect(try failure(of: endless).hasPrefix("the body of the answer is larger than"))
  }

  @Test("has its certificate verified, and its name not told")
  func certificates() async throws {
    let forge = try Forge()
    for name in ["good", "wrong", "expired"] {
      let port = try forge.serve(name)
      let result = await post(to: "https://127.0.0.1:\(port)/\(key)") {
        if name != "good" { $0.caFile = "\(forge.folder)/ca.pem" }
      }
      #expect(try failure(of: result).contains("the certificate of its server"))
    }
    let unknown = await post(to: "https://\(key).invalid/") { $0.proxy = .none }
    #expect(try failure(of: unknown) == "the name of its server is not known")
    let refused = await post(to: "http://127.0.0.1:1/\(key)")
    #expect(try failure(of: refused) == "connection refused by its server")
  }

  @Test(
    "is refused where its address is none, which is not shown",
    arguments: [
      ("\(key)", "it is no URL, such as https://HOST/PATH"),
      ("https://\(key) /", "it is no URL, such as https://HOST/PATH"),
      ("ftp://h/\(key)", "its scheme is neither https nor http"),
      ("http://hooks.example/\(key)", "plain http would show it to everyone on the way; use https"),
      ("https:///\(key)", "it names no HOST or HOST:PORT"),
      (
        "https://me:\(key)@h/",
        "it has a user or a password before its host, which is not sent; put the key into its path"
      ),
    ])
  func addresses(_ address: String, _ sentence: String) async throws {
    #expect(try failure(of: await post(to: address)) == sentence)
  }
}
