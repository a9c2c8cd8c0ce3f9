import BadServers
import CommandCenter
import Glibc
import HTTPTypes
import Testing

@testable import HTTPTransport

@Suite("Certificates", .serialized)
struct CertificateTests {
  private func ask(
    _ port: Int, host: String = "127.0.0.1", _ change: (inout HTTPSettings) -> Void
  ) async throws(TransportError) -> Int {
    var settings = HTTPSettings()
    change(&settings)
    let endpoint = Endpoint(authority: "\(host):\(port)")
    let transport = try HTTPTransport(endpoint: endpoint, settings: settings)
    let request = HTTPRequest(method: .get, scheme: "https", authority: endpoint.authority, path: "/")
    return try await transport.send(request, body: []).0.status.code
  }

  private func refusal(
    _ port: Int, host: String = "127.0.0.1", _ change: (inout HTTPSettings) -> Void
  ) async -> String {
    do {
      return "HTTP \(try await ask(port, host: host, change))"
    } catch {
      #expect(!error.mayHaveArrived)
      return error.message
    }
  }

  @Test("Good ones pass; untrusted, expired and wrong-named ones are told apart")
  func verification() async throws {
    let forge = try Forge()
    let ca = forge.folder + "/ca.pem"
    // All before the first connection, which they would inherit and keep open.
    let good = try forge.serve("good")
    let wrong = try forge.serve("wrong")
    let expired = try forge.serve("expired")
    #expect(try await ask(good) { $0.caFile = ca } == 200)
    #expect(try await ask(good, host: "localhost") { $0.caFile = ca } == 200)
    let untrusted = await refusal(good) { _ in }
    #expect(untrusted.contains("not signed by an authority that is trusted here"), "\(untrusted)")
    for host in ["127.0.0.1", "localhost"] {
      let text = await refusal(wrong, host: host) { $0.caFile = ca }
      #expect(text.contains("is for another name"), "\(text)")
    }
    let text = await refusal(expired) { $0.caFile = ca }
    #expect(text.contains("expired on 2"), "\(text)")
    #expect(try await ask(expired) { $0.trustAnyCertificate = true } == 200)
    #expect(try await ask(wrong) { $0.trustAnyCertificate = true } == 200)
    #expect(await refusal(good) { $0.caFile = "/nonexistent.pem" }.contains("/nonexistent.pem"))
  }

  @Test("A server that wants a client certificate gets it, or says so")
  func client() async throws {
    let forge = try Forge()
    let ca = forge.folder + "/ca.pem"
    let port = try forge.serve("good", "-Verify 1 -verify_return_error -CAfile ca.pem -tls1_2")
    #expect(
      try await ask(port) {
        $0.caFile = ca
        $0.clientCertificate = forge.folder + "/client.pem"
        $0.clientKey = forge.folder + "/client.key"
      } == 200)
    let text = await refusal(port) { $0.caFile = ca }
    #expect(text.contains("client certificate") || text.contains("TLS handshake"), "\(text)")
  }

  @Test("https to a port that speaks http, and a handshake that never ends")
  func noTLS() async throws {
    let server = try Misbehaving { connection, number in
      if number == 1 {
        connection.answer("{}", status: "400 Bad Request")
      }
      connection.waitForEnd()
    }
    defer { server.stop() }
    let plain = await refusal(server.port) { _ in }
    #expect(plain.contains("does not speak TLS"), "\(plain)")
    let silent = await refusal(server.port) { $0.connectTimeout = .milliseconds(300) }
    #expect(silent.contains("0.3 s"), "\(silent)")
  }
}
