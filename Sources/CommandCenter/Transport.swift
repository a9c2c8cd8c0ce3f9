public import HTTPTypes

/// Carries one request to a Command Center and its answer back: over HTTPS, or to a simulator in process.
///
/// Called on the client's own executor. It neither retries nor follows; whatever the server answers, an error
/// status included, is an answer.
public protocol Transport: Sendable {
  func send(
    _ request: HTTPRequest, body: [UInt8]
  ) async throws(TransportError) -> (HTTPResponse, [UInt8])
}

/// Why no answer came.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop, fit to be shown to an operator: `connection refused by 10.0.0.7:443`.
  public let message: String
  /// Whether the server may have received the request. False only where certainly nothing of it was sent.
  public let mayHaveArrived: Bool
  /// Another try fails the same way until somebody sets something right, such as a certificate.
  public let isLasting: Bool

  public init(_ message: String, mayHaveArrived: Bool, isLasting: Bool = false) {
    self.message = message
    self.mayHaveArrived = mayHaveArrived
    self.isLasting = isLasting
  }

  public var description: String { message }
}
