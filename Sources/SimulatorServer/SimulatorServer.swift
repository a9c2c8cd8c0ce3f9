import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
public import Simulator
import UnixSignals

/// Serves a simulated Command Center over HTTP or HTTPS, and its own view of what happened as JSON at
/// `/simulator/state`.
public struct SimulatorServer: Sendable {
  /// Where it can be reached.
  public struct Listening: Hashable, Sendable {
    /// The base of the API, such as `http://127.0.0.1:41234/commandcenter/api`.
    public let baseURL: String
    public let port: Int
  }

  private let simulator: Simulator
  private let host: String
  private let port: Int
  private let identity: ServerIdentity?

  /// - Parameters:
  ///   - host: a name or an address to listen at.
  ///   - port: 0 picks one that is free.
  ///   - identity: the certificate to serve HTTPS with; nil for plain HTTP.
  public init(_ simulator: Simulator, host: String, port: Int, identity: ServerIdentity? = nil) {
    self.simulator = simulator
    self.host = host
    self.port = port
    self.identity = identity
  }

  /// Serves until the task is cancelled or, where it asks for that, SIGTERM or SIGINT come. Connections that
  /// are idle are closed then; requests under way have a second to end.
  ///
  /// - Parameter whenListening: called once, when connections are accepted.
  /// - Throws: ``CannotListen``.
  public func run(
    endsOnSignals: Bool = false, _ whenListening: @escaping @Sendable (Listening) async -> Void
  ) async throws {
    let responder = Responder(simulator)
    let http = HTTP1Channel(responder: { request, writer, channel in
      try await responder.respond(to: request, writer, on: channel)
    })
    if let identity {
      try await serve(
        TLSChannel(http, tlsConfiguration: identity.configuration()), endsOnSignals, whenListening)
    } else {
      try await serve(http, endsOnSignals, whenListening)
    }
  }

  private func serve(
    _ channel: some HTTPChannelHandler, _ endsOnSignals: Bool,
    _ whenListening: @escaping @Sendable (Listening) async -> Void
  ) async throws {
    let silent = Logger(label: "simulator") { _ in SwiftLogNoOpLogHandler() }
    // One loop accepts connections and serves them: what a second one would accept while the first ends the
    // server has nobody to close it, and NIO stops the process for that.
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let server = Server(
      childChannelSetup: channel, configuration: ServerConfiguration(address: .hostname(host, port: port)),
      onServerRunning: { channel in await whenListening(listening(channel.localAddress?.port ?? port)) },
      eventLoopGroup: loops, logger: silent)
    var configuration = ServiceGroupConfiguration(
      services: [server], gracefulShutdownSignals: endsOnSignals ? [.sigterm, .sigint] : [], logger: silent)
    // A client that keeps its request open does not keep the server.
    configuration.maximumGracefulShutdownDuration = .seconds(1)
    let group = ServiceGroup(configuration: configuration)
    // A task of its own, which a cancellation does not reach: a connection that is accepted while the server
    // is cancelled would be dropped, and stop the process as well. So it is asked to end instead.
    let serving = Task { try await group.run() }
    let result = await withTaskCancellationHandler {
      await serving.result
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
    try await loops.shutdownGracefully()
    // Asked to end, it has, one way or the other.
    if case .failure(let error) = result, !(error is CancellationError), !Task.isCancelled {
      throw CannotListen(at: "\(authority):\(port)", error)
    }
  }

  /// The host as a URL has it.
  private var authority: String { host.contains(":") ? "[\(host)]" : host }

  private func listening(_ port: Int) -> Listening {
    let scheme = identity == nil ? "http" : "https"
    return Listening(baseURL: "\(scheme)://\(authority):\(port)/commandcenter/api", port: port)
  }
}
