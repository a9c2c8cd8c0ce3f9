internal import Glibc
import NIOCore

/// Why a server could not listen where it was told to.
public struct CannotListen: Error, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let description: String

  init(at address: String, _ error: any Error) {
    let reason =
      switch error {
      case let error as IOError: String(cString: strerror(error.errnoCode))
      case SocketAddressError.unknown, is SocketAddressError.UnknownHost: "no such host is known"
      default: "\(error)"
      }
    description = "the simulator cannot listen at \(address): \(reason)"
  }
}
