import Crypto
// A certificate's dates are of this type, and nothing else of it is used.
import struct FoundationEssentials.Date
import NIOSSL
import SwiftASN1
import X509

/// A certificate for a server, made on the spot, with an authority of its own that clients can trust.
public struct ServerIdentity: Sendable {
  /// The authority's certificate, as PEM: what a client has to trust.
  public let authorityPEM: String

  private let certificatePEM: String
  private let keyPEM: String

  /// Makes an authority, and with it a certificate for `localhost`, the loopback addresses and `host`; both
  /// are good for 30 days. The authority's key is forgotten.
  ///
  /// - Parameter host: a name or an address that clients will use.
  public init(host: String) throws {
    let authorityKey = P256.Signing.PrivateKey()
    let authorityName = try DistinguishedName { CommonName("cvlua simulator") }
    let authority = try Self.certificate(
      authorityName, Certificate.PublicKey(authorityKey.publicKey), issuer: authorityName, authorityKey,
      Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true))
        SubjectKeyIdentifier(hash: Certificate.PublicKey(authorityKey.publicKey))
      })
    let key = P256.Signing.PrivateKey()
    let certificate = try Self.certificate(
      DistinguishedName { CommonName("simulated Command Center") }, Certificate.PublicKey(key.publicKey),
      issuer: authorityName, authorityKey,
      Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth])
        SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
        AuthorityKeyIdentifier(
          keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(authorityKey.publicKey))
            .keyIdentifier)
        SubjectAlternativeNames(Self.names(host))
      })
    authorityPEM = try authority.serializeAsPEM().pemString
    certificatePEM = try certificate.serializeAsPEM().pemString
    keyPEM = key.pemRepresentation
  }

  func configuration() throws -> TLSConfiguration {
    let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8))
    return .makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)))
  }

  private static func certificate(
    _ subject: DistinguishedName, _ key: Certificate.PublicKey, issuer: DistinguishedName,
    _ issuerKey: P256.Signing.PrivateKey, _ extensions: Certificate.Extensions
  ) throws -> Certificate {
    let day = 24.0 * 3600
    // A clock that is a little behind does not make it invalid.
    return try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
      notValidBefore: Date(timeIntervalSinceNow: -day), notValidAfter: Date(timeIntervalSinceNow: 30 * day),
      issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
      issuerPrivateKey: Certificate.PrivateKey(issuerKey))
  }

  private static func names(_ host: String) -> [GeneralName] {
    var addresses = [InternetAddress("127.0.0.1"), InternetAddress("::1")].compactMap(\.self)
    var names = ["localhost"]
    if let address = InternetAddress(host) {
      addresses.append(address)
    } else if host != "localhost" {
      names.append(host)
    }
    return names.map { .dnsName($0) }
      + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) }
  }
}
