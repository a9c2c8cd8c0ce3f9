import BadServers
import CommandCenter
import HTTPTypes
import Testing

@testable import HTTPTransport

@Suite("Proxies")
struct ProxyTests {
  private func choose(
    _ variables: [String: String], host: String = "center.example", scheme: String = "https", port: Int = 443
  ) throws -> String? {
    try Proxy.choose(.environment, scheme: scheme, host: host, port: port) { variables[$0] }?.description
  }

  @Test("The environment names one, and exceptions")
  func environment() throws {
    let proxy = ["HTTPS_PROXY": "http://proxy.example:8080"]
    #expect(try choose([:]) == nil)
    #expect(try choose(proxy) == "proxy.example:8080")
    #expect(try choose(proxy, host: "127.0.0.1") == nil)
    #expect(try choose(proxy, host: "localhost") == nil)
    #expect(try choose(["HTTP_PROXY": "http://evil:1"], scheme: "http", port: 80) == nil)
    #expect(try choose(["http_proxy": "p:1"], scheme: "http", port: 80) == "p:1")
    #expect(try choose(["ALL_PROXY": "p"]) == "p:3128")
    for list in ["*", "example", ".example", "other, center.example", "CENTER.example:443", "*.example"] {
      #expect(try choose(proxy.merging(["NO_PROXY": list]) { $1 }) == nil, "\(list)")
    }
    for list in ["", "enter.example", "center.example:8443", "center.example.org", ","] {
      #expect(try choose(proxy.merging(["no_proxy": list]) { $1 }) == "proxy.example:8080", "\(list)")
    }
  }

  @Test("Its password does not show")
  func password() throws {
    let proxy = try Proxy("http://me:p%40ss@proxy.example:8080/")
    #expect(proxy.password == "p@ss")
    var text = "\(proxy) \(String(reflecting: proxy))"
    dump(proxy, to: &text)
    #expect(!text.contains("p@ss") && !text.contains("p%40ss"))
    #expect(throws: TransportError.self) { _ = try Proxy("socks5://a:1") }
    #expect(throws: TransportError.self) { _ = try Proxy("http://:1") }
    #expect(throws: TransportError.self) { _ = try Proxy("http://a:port") }
  }

  @Test("A proxy that wants a password, or lets nobody through, has sent nothing on")
  func refusals() async throws {
    let server = try Misbehaving { connection, number in
      connection.readRequest()
      connection.answer("", status: number == 1 ? "407 Proxy Authentication Required" : "403 Forbidden")
    }
    defer { server.stop() }
    var settings = HTTPSettings()
    settings.proxy = .url("http://127.0.0.1:\(server.port)")
    let transport = try HTTPTransport(endpoint: Endpoint(authority: "center.example"), settings: settings)
    let request = HTTPRequest(method: .get, scheme: "https", authority: "center.example", path: "/")
    for words in ["wants a user and a password", "does not let us through"] {
      let error = await #expect(throws: TransportError.self) {
        _ = try await transport.send(request, body: [])
      }
      #expect(error?.mayHaveArrived == false)
      #expect(error?.message.contains(words) == true, "\(error as Any)")
    }
    #expect(server.requests.first?.hasPrefix("CONNECT center.example:443") == true)
  }
}
