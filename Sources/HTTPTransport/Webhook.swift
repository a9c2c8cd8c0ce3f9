public import CommandCenter
import HTTPTypes

/// An address that takes JSON by POST. All of it is secret, its host too: whoever knows the address may post.
///
/// TLS is verified against the system's authorities; no redirect is followed.
public struct Webhook: Sendable {
  private let transport: HTTPTransport
  private let path: String

  /// How long and how much, unless told otherwise: nobody waits for what only tells.
  public static var usualSettings: HTTPSettings {
    var settings = HTTPSettings()
    settings.connectTimeout = .seconds(5)
    settings.requestTimeout = .seconds(10)
    settings.connections = 1
    settings.maximumBody = 64 << 10
    return settings
  }

  /// - Parameter address: `https://HOST[:PORT]/PATH[?QUERY]`; plain http to this machine only, unless the
  ///   settings allow it.
  /// - Throws: what is wrong with it, in one sentence that shows nothing of it.
  public init(_ address: Secret, settings: HTTPSettings = usualSettings) throws(TransportError) {
    let text = address.revealed
    func refusal(_ why: String) -> TransportError { TransportError(why, mayHaveArrived: false) }
    guard let mark = text.firstRange(of: "://"),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\\\"<>{}|^`".utf8.contains($0) })
    else { throw refusal("it is no URL, such as https://HOST/PATH") }
    let scheme = text[..<mark.lowerBound].lowercased()
    let rest = text[mark.upperBound...].prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    guard scheme == "https" || scheme == "http" else { throw refusal("its scheme is neither https nor http") }
    guard !authority.contains("@") else {
      throw refusal(
        "it has a user or a password before its host, which is not sent; put the key into its path")
    }
    guard let (host, _) = HostAndPort.split(authority), !host.isEmpty else {
      throw refusal("it names no HOST or HOST:PORT")
    }
    guard scheme == "https" || settings.allowsPlainHTTP || HostAndPort.isLoopback(host) else {
      throw refusal("plain http would show it to everyone on the way; use https")
    }
    self.path = path.hasPrefix("/") ? String(path) : "/" + path
    transport = try HTTPTransport(
      endpoint: Endpoint(scheme: scheme, authority: authority.lowercased(), basePath: ""),
      settings: settings, called: "its server")
  }

  /// Posts JSON, once.
  ///
  /// - Throws: why it did not arrive, or what the server answered in place of a 2xx; nothing of the address or
  ///   of the body is in it.
  public func post(_ body: [UInt8]) async throws(TransportError) {
    let request = HTTPRequest(
      method: .post, scheme: transport.endpoint.scheme, authority: transport.endpoint.authority, path: path,
      headerFields: [.contentType: "application/json", .userAgent: "cvlua"])
    let (response, _) = try await transport.send(request, body: body)
    let status = response.status.code
    guard (200..<300).contains(status) else {
      let way = (300..<400).contains(status) ? ", and redirects are not followed" : ""
      throw TransportError("its server answered \(status)\(way)", mayHaveArrived: true)
    }
  }
}
