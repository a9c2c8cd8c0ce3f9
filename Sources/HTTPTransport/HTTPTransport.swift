import AsyncHTTPClient
public import CommandCenter
public import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL

/// The way to one Command Center over HTTPS: connections that are kept, certificates that are verified, and
/// bounds on how long and how much.
///
/// It follows no redirect, since each could take a token somewhere else: a 3xx is an answer like others. It
/// sends nothing to any other host than its endpoint's.
public final class HTTPTransport: Transport {
  public let endpoint: Endpoint
  public let settings: HTTPSettings
  /// The proxy that requests go through; nil for none.
  public let proxy: Proxy?

  /// One loop for all: were a request and its connection on two, a time-out could overtake the word that the
  /// request had been sent.
  static let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  private let client: HTTPClient
  private let turnstile: Turnstile
  private let base: String
  private let host: String
  private let port: Int
  /// What messages call the server.
  private let name: String

  /// Any certificate is taken for the server's: to be told in every recap.
  public var trustsAnyCertificate: Bool { settings.trustAnyCertificate && endpoint.scheme == "https" }

  /// Reads the files that `settings` name.
  ///
  /// - Parameter name: what messages call the server, where its own name must not be seen.
  /// - Throws: what is wrong with the settings, in one sentence.
  public init(
    endpoint: Endpoint, settings: HTTPSettings = HTTPSettings(), called name: String? = nil
  ) throws(TransportError) {
    guard let (host, port) = HostAndPort.split(endpoint.authority), !host.isEmpty else {
      throw TransportError("\(endpoint.authority) is no HOST or HOST:PORT", mayHaveArrived: false)
    }
    let isSecure = endpoint.scheme == "https"
    guard isSecure || endpoint.scheme == "http" else {
      throw TransportError("\(endpoint.scheme) is neither https nor http", mayHaveArrived: false)
    }
    guard isSecure || settings.allowsPlainHTTP || HostAndPort.isLoopback(host) else {
      throw TransportError(
        "plain http would show the token to everyone on the way to \(name ?? host); use https, or say allow_plain_http = true in the profile",
        mayHaveArrived: false)
    }
    self.endpoint = endpoint
    self.settings = settings
    self.host = host
    self.port = port ?? (isSecure ? 443 : 80)
    self.name = name ?? endpoint.authority
    base = "\(endpoint.scheme)://\(endpoint.authority)"
    proxy = try Proxy.choose(settings.proxy, scheme: endpoint.scheme, host: host, port: self.port)
    turnstile = Turnstile(settings.connections)

    var configuration = HTTPClient.Configuration()
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = TimeAmount(settings.connectTimeout)
    configuration.decompression = .enabled(limit: .size(settings.maximumBody))
    configuration.connectionPool.idleTimeout = TimeAmount(settings.idleTimeout)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, settings.connections)
    // Trying again is for whoever asked, who knows what it was for.
    configuration.connectionPool.retryConnectionEstablishment = false
    if isSecure { configuration.tlsConfiguration = try settings.tls() }
    if let proxy {
      configuration.proxy = .server(
        host: proxy.host, port: proxy.port,
        authorization: proxy.user.map { .basic(username: $0, password: proxy.password ?? "") })
    }
    client = HTTPClient(
      eventLoopGroupProvider: .shared(Self.loop), configuration: configuration)
  }

  deinit {
    // Keeps itself alive until it is done; after `close()` it says that it was, which matters to nobody.
    client.shutdown { _ in }
  }

  /// Closes all connections. Requests that are under way fail.
  public func close() async {
    try? await client.shutdown()
  }

  /// A look at the server's certificate, whether it is trusted or not; nil where there is none to see: plain
  /// http, a proxy between, no server.
  public func certificate() async -> CertificateLook? {
    guard endpoint.scheme == "https", proxy == nil else { return nil }
    return await CertificateLook.take(host: host, port: port)
  }

  public func send(
    _ request: HTTPRequest, body: [UInt8]
  ) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    guard request.scheme == endpoint.scheme, request.authority == endpoint.authority else {
      throw TransportError("this connection is for \(name) only", mayHaveArrived: false)
    }
    guard await turnstile.enter() else {
      throw TransportError("the request was cancelled", mayHaveArrived: false)
    }
    defer { turnstile.leave() }
    let outgoing = try outgoing(request, body)
    let exchange = Exchange(
      maximumBody: settings.maximumBody, mayBeAbandoned: request.method == .get)
    let result: Result<Exchange.Response, any Error> = await withTaskCancellationHandler {
      let task = client.execute(
        request: outgoing, delegate: exchange, deadline: .now() + TimeAmount(settings.requestTimeout))
      exchange.begin(task)
      do { return .success(try await task.get()) } catch { return .failure(error) }
    } onCancel: {
      exchange.cancel()
    }
    switch result {
    case .success(let response): return (Self.incoming(response.head), response.body)
    case .failure(let error):
      let stage = exchange.stage
      throw TransportError(
        await explain(error, stage), mayHaveArrived: stage != .connecting,
        isLasting: Explanation.isLasting(error))
    }
  }

  private func outgoing(
    _ request: HTTPRequest, _ body: [UInt8]
  ) throws(TransportError) -> HTTPClient.Request {
    var headers = HTTPHeaders()
    for field in request.headerFields { headers.add(name: field.name.rawName, value: field.value) }
    headers.add(name: "Accept-Encoding", value: "gzip, deflate")
    do {
      return try HTTPClient.Request(
        url: base + (request.path ?? "/"), method: HTTPMethod(rawValue: request.method.rawValue),
        headers: headers, body: body.isEmpty ? nil : .bytes(body))
    } catch {
      throw TransportError(
        "the address of \(name) and the path after it make no valid URL", mayHaveArrived: false)
    }
  }

  private static func incoming(_ head: HTTPResponseHead) -> HTTPResponse {
    var fields = HTTPFields()
    for (name, value) in head.headers {
      guard let name = HTTPField.Name(name) else { continue }
      fields.append(HTTPField(name: name, value: value))
    }
    return HTTPResponse(status: .init(code: Int(head.status.code)), headerFields: fields)
  }

  /// Says in one sentence what an error means. Nothing of the request goes into it.
  private func explain(_ error: any Error, _ stage: Exchange.Stage) async -> String {
    let explanation = Explanation(
      scheme: endpoint.scheme, host: name, isNameless: name != endpoint.authority, settings: settings,
      proxy: proxy)
    if Explanation.isAboutCertificate(error), proxy == nil {
      let look = await CertificateLook.take(host: host, port: port)
      return explanation.certificate(look)
    }
    return explanation.sentence(for: error, stage)
  }
}

extension TimeAmount {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
