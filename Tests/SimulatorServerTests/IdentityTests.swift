import SimulatorServer
import Testing

@Suite("The certificate made on the spot")
struct IdentityTests {
  @Test("Hosts of all kinds have one", arguments: ["127.0.0.1", "::1", "localhost", "backup.example"])
  func hosts(host: String) throws {
    let identity = try ServerIdentity(host: host)
    #expect(identity.authorityPEM.hasPrefix("-----BEGIN CERTIFICATE-----"))
    #expect(!identity.authorityPEM.contains("PRIVATE"))
  }
}
