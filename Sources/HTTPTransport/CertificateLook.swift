public import Clock
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The dates of a server's certificate. Of one that is refused TLS says only that it was, so a handshake of its
/// own, which ends without a byte sent, looks at them.
public struct CertificateLook: Sendable {
  public let validFrom: Moment
  public let validUntil: Moment

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
              box.look.withLock { $0 = certificates.first.map { CertificateLook($0) } }
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

  private init(_ certificate: NIOSSLCertificate) {
    validFrom = Moment(unixSeconds: Int64(certificate.notValidBefore))
    validUntil = Moment(unixSeconds: Int64(certificate.notValidAfter))
  }
}
