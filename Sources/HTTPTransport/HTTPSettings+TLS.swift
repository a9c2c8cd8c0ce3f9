import CommandCenter
import NIOSSL

extension HTTPSettings {
  /// - Throws: which file cannot be used.
  func tls() throws(TransportError) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.certificateVerification = trustAnyCertificate ? .none : .fullVerification
    if let caFile {
      let certificates = try Self.read("certificates", caFile) { try NIOSSLCertificate.fromPEMFile(caFile) }
      tls.trustRoots = .certificates(certificates)
    }
    if let clientCertificate {
      let chain = try Self.read("certificates", clientCertificate) {
        try NIOSSLCertificate.fromPEMFile(clientCertificate)
      }
      tls.certificateChain = chain.map { .certificate($0) }
      let file = clientKey ?? clientCertificate
      let key = try Self.read("key", file) { [try NIOSSLPrivateKey(file: file, format: .pem)] }
      tls.privateKey = key.first.map { .privateKey($0) }
    }
    return tls
  }

  private static func read<Item>(
    _ what: String, _ file: String, _ read: () throws -> [Item]
  ) throws(TransportError) -> [Item] {
    guard let items = try? read(), !items.isEmpty else {
      throw TransportError("no \(what) in PEM could be read from \(file)", mayHaveArrived: false)
    }
    return items
  }
}
