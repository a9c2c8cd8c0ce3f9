import AsyncHTTPClient
import Clock
import CommandCenter
import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import NIOPosix
import NIOSSL

/// What went wrong, for an operator.
struct Explanation {
  let scheme: String
  /// What the server is called.
  let host: String
  /// The server's own name must not be seen.
  let isNameless: Bool
  let settings: HTTPSettings
  let proxy: Proxy?

  /// Whether the server's certificate was refused; a look at it tells why.
  static func isAboutCertificate(_ error: any Error) -> Bool {
    String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
  }

  /// Whether the next try fails the same way: the certificate, or the name in it, has to be set right.
  static func isLasting(_ error: any Error) -> Bool { isAboutCertificate(error) || error is NIOSSLExtraError }

  func certificate(_ look: CertificateLook?) -> String {
    let now = Moment(unixSeconds: Int64(time(nil)))
    if let look, look.validUntil < now {
      return "the certificate of \(host) expired on \(look.validUntil.iso8601.prefix(10))"
    }
    if let look, look.validFrom > now {
      return
        "the certificate of \(host) is valid from \(look.validFrom.iso8601.prefix(10)) only (is this machine's clock right?)"
    }
    if let file = settings.caFile {
      return "the certificate of \(host) is not signed by an authority of \(file)"
    }
    return
      "the certificate of \(host) is not signed by an authority that is trusted here (an own one is named as the CA file)"
  }

  /// - Parameter stage: how far the request got.
  func sentence(for error: any Error, _ stage: Exchange.Stage) -> String {
    switch error {
    case let error as HTTPClientError: return sentence(for: error, stage)
    case let error as NIOConnectionError: return sentence(for: error)
    case ChannelError.connectTimeout: return noConnection
    case is ChannelError: return closed(stage)
    case let error as IOError: return sentence(for: error.errnoCode, stage)
    case is NIOSSLExtraError: return "the certificate of \(host) is for another name"
    case is NIOSSLError, is BoringSSLError: return sentence(forTLS: error, stage)
    case is Exchange.BodyTooLarge, is NIOHTTPDecompression.DecompressionError:
      return "the body of the answer is larger than \(settings.maximumBody >> 20) MB, or badly packed"
    case HTTPParserError.headerOverflow: return "the headers of the answer are too large"
    case HTTPParserError.invalidEOFState: return closed(stage)
    case is HTTPParserError, is Exchange.NoHead:
      return "\(host) does not answer in HTTP (is that the right port?)"
    case is CancellationError: return "the request was cancelled"
    default:
      // Its text may quote what was sent.
      return "the request failed (\(type(of: error)))"
    }
  }

  private var next: String { proxy.map { "the proxy \($0)" } ?? host }
  private var noConnection: String {
    "no connection to \(next) came about within \(text(settings.connectTimeout))"
  }

  private func closed(_ stage: Exchange.Stage) -> String {
    switch stage {
    case .connecting: "\(next) closed the connection before anything was sent"
    case .sent:
      // Ports of https do so when they are spoken to in plain http.
      "\(host) closed the connection before it answered"
        + (scheme == "http" ? " (it was asked in plain http; is that right?)" : "")
    case .answering: "\(host) closed the connection in the middle of its answer"
    }
  }

  private func sentence(for error: HTTPClientError, _ stage: Exchange.Stage) -> String {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout: return noConnection
    case .tlsHandshakeTimeout:
      return "the TLS handshake with \(host) was not over after \(text(settings.connectTimeout))"
    case .deadlineExceeded, .readTimeout, .writeTimeout:
      let time = text(settings.requestTimeout)
      switch stage {
      case .connecting: return "no connection to \(next) came about within \(time)"
      case .sent: return "\(host) did not answer within \(time)"
      case .answering: return "the answer of \(host) was not complete after \(time)"
      }
    case .remoteConnectionClosed, .uncleanShutdown: return closed(stage)
    case .cancelled: return "the request was cancelled"
    case .alreadyShutdown: return "the connection to \(host) has been closed by this program"
    case .proxyAuthenticationRequired: return "\(next) wants a user and a password"
    case .invalidProxyResponse: return "\(next) does not let us through to \(host)"
    case .httpProxyHandshakeTimeout:
      return "\(next) did not answer within \(text(settings.connectTimeout))"
    default:
      // Some of these quote header fields, the token's among them.
      if stage == .connecting {
        return "the request could not be sent: its headers or its address are invalid"
      }
      return "the request failed on its way to \(host)"
    }
  }

  private func sentence(for error: NIOConnectionError) -> String {
    guard let failure = error.connectionErrors.first?.error else {
      return isNameless ? "the name of \(next) is not known" : "the name \(error.host) is not known"
    }
    if let error = failure as? IOError { return sentence(for: error.errnoCode, .connecting) }
    return noConnection
  }

  private func sentence(for number: CInt, _ stage: Exchange.Stage) -> String {
    switch number {
    case ECONNREFUSED: "connection refused by \(next)"
    case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: "there is no route to \(next)"
    case ETIMEDOUT: stage == .connecting ? noConnection : closed(stage)
    case ECONNRESET, EPIPE, ENOTCONN: closed(stage)
    case EMFILE, ENFILE: "this program has too many files and connections open"
    default: "the connection to \(next) failed: \(String(cString: strerror(number)))"
    }
  }

  private func sentence(forTLS error: any Error, _ stage: Exchange.Stage) -> String {
    if case NIOSSLError.uncleanShutdown = error { return closed(stage) }
    let text = String(describing: error)
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return "\(host) does not speak TLS on this port (is it plain http?)"
    }
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return certificate(nil) }
    if text.contains("ALERT_CERTIFICATE") || text.contains("CERTIFICATE_REQUIRED")
      || text.contains("ALERT_UNKNOWN_CA") || text.contains("ALERT_BAD_CERTIFICATE")
    {
      return "\(host) does not accept our client certificate, or wants one"
    }
    if text.contains("eofDuringHandshake") { return "\(next) closed the connection in the TLS handshake" }
    return stage == .connecting
      ? "the TLS handshake with \(host) failed" : "the TLS connection to \(host) failed"
  }

  private func text(_ duration: Duration) -> String {
    let seconds = duration.inSeconds
    return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
  }
}
