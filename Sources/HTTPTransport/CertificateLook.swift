import Clock
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// What is wrong with a certificate that was refused. TLS says only that it was, so a second handshake, which
/// ends without a byte sent, looks at its dates.
enum CertificateLook: Sendable {
  case expired(Moment)
  case notYet(Moment)
  case other

  /// - Returns: nil where nothing could be seen.
  static func take(host: String, port: Int) async -> CertificateLook? {
    guard let context = try? NIOSSLContext(configuration: .makeClientConfiguration()) else { return nil }
    let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
    let box = Box()
    let bootstrap = ClientBootstrap(group: HTTPTransport.loop)
      .connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try NIOSSLClientHandler(
            context: context, serverHostname: isAddress ? nil : host,
            customVerificationCallback: { certificates, promise in
              box.look.withLock { $0 = certificates.first.map { judge($0) } }
              promise.succeed(.failed)
            })
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    guard let channel = try? await bootstrap.connect(host: host, port: port).get() else { return nil }
    let timer = channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
    // The refusal closes the channel.
    try? await channel.closeFuture.get()
    timer.cancel()
    return box.look.withLock { $0 }
  }

  /// A mutex cannot be captured; what holds it can.
  private final class Box: Sendable {
    let look = Mutex<CertificateLook?>(nil)
  }

  private static func judge(_ certificate: NIOSSLCertificate) -> CertificateLook {
    let now = Int64(time(nil))
    let end = Int64(certificate.notValidAfter)
    let start = Int64(certificate.notValidBefore)
    if end < now { return .expired(Moment(unixSeconds: end)) }
    if start > now { return .notYet(Moment(unixSeconds: start)) }
    return .other
  }
}
