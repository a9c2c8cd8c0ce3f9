/// How to reach a Command Center over HTTP.
public struct HTTPSettings: Hashable, Sendable {
  /// Which proxy stands between us and the server.
  public enum ProxyChoice: Hashable, Sendable {
    /// What `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    case environment
    case none
    /// `http://[USER:PASSWORD@]HOST[:PORT]`
    case url(String)
  }

  /// How long a connection may take to come about, its TLS handshake included.
  public var connectTimeout = Duration.seconds(10)
  /// How long a request may take from its first byte to the last one of its answer.
  public var requestTimeout = Duration.seconds(60)
  /// After how long an unused connection is closed. Shorter than servers do it, as a request that meets a
  /// connection being closed leaves open whether it arrived.
  public var idleTimeout = Duration.seconds(15)
  /// How many connections there are at most; further requests wait in line.
  public var connections = 8
  /// How large the body of an answer may be, unpacked.
  public var maximumBody = 64 << 20
  /// A PEM file of the authorities to trust in place of the system's.
  public var caFile: String?
  /// A PEM file of our own certificate, and those between it and its authority.
  public var clientCertificate: String?
  /// A PEM file of its key; nil where the certificate's file holds that, too.
  public var clientKey: String?
  public var proxy = ProxyChoice.environment
  /// Speaks plain http, tokens included, to hosts other than this machine.
  public var allowsPlainHTTP = false
  /// Takes any certificate for the server's: whoever is on the way can read and change everything. Whoever
  /// sets it tells so in each recap; see ``HTTPTransport/trustsAnyCertificate``.
  public var trustAnyCertificate = false

  public init() {}
}
