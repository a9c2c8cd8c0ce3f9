public import CommandCenterAPI

/// Why a request to a Command Center came to nothing, or to nothing that is known.
public struct CommandCenterError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// The server said no.
    case rejected
    /// The server said no, because another backup of the target runs.
    case busy
    /// There is no such thing.
    case notFound = "not_found"
    /// Too many requests; nothing was done.
    case rateLimited = "rate_limited"
    /// Its turn under the server's limits did not come before it was too late; it was not sent.
    case tooLate = "too_late"
    /// Sent, and no answer tells what became of it.
    case ambiguous
    /// Nothing got through to the server.
    case unreachable
    /// The server refuses user, password or token.
    case notLoggedIn = "not_logged_in"
    /// The answer is not understood, though it did no harm: the request only asked.
    case unintelligible
    /// The task that waited was cancelled. What was sent was sent.
    case cancelled
  }

  public let kind: Kind
  /// One line, fit to be shown to an operator.
  public let message: String
  /// What the server said, where it said something.
  public let server: ServerError?
  /// Of what is unreachable: another try at once is in vain.
  let isLasting: Bool

  public init(_ kind: Kind, _ message: String, server: ServerError? = nil) {
    self.init(kind, message, server: server, isLasting: false)
  }

  private init(_ kind: Kind, _ message: String, server: ServerError?, isLasting: Bool) {
    self.kind = kind
    self.message = message
    self.server = server
    self.isLasting = isLasting
  }

  /// Nothing got through, and another try may.
  var mayPass: Bool { kind == .unreachable && !isLasting }

  /// The API's own error code, where the server gave one.
  public var code: Int64? { server?.code }

  public var description: String { message }
}

extension CommandCenterError {
  /// - Parameter isHarmless: whether the request only asked, so that it matters little if it arrived.
  init(_ error: TransportError, isHarmless: Bool) {
    if error.mayHaveArrived && !isHarmless {
      self.init(.ambiguous, "The request was sent, but no answer came: \(error.message)")
    } else {
      self.init(
        .unreachable, "The Command Center cannot be reached: \(error.message)", server: nil,
        isLasting: error.isLasting)
    }
  }

  /// - Parameter isHarmless: whether the request only asked.
  init(_ error: ServerError, isHarmless: Bool) {
    let kind: Kind =
      switch error.kind {
      case .busy: .busy
      case .accessDenied, .loginRefused: .notLoggedIn
      case .rateLimited: .rateLimited
      case .notFound: .notFound
      case .rejected: .rejected
      case .unintelligible: isHarmless ? .unintelligible : .ambiguous
      }
    self.init(kind, error.description, server: error)
  }

  static let tooLate = CommandCenterError(.tooLate, "It was too late to send the request when its turn came.")
  static let cancelled = CommandCenterError(.cancelled, "The request was cancelled.")
}
