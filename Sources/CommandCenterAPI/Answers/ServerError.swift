/// What a Command Center says went wrong, whichever of its envelopes it came in.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// Another backup of the target is running (0x10c). No job was made.
    case busy
    /// The token is not, or no longer, good (HTTP 401, or error code 5).
    case accessDenied
    /// User name and password were refused.
    case loginRefused
    /// Too many requests (HTTP 429). Nothing was done.
    case rateLimited
    /// No such thing, or no such path (HTTP 404).
    case notFound
    /// The server understood, and said no.
    case rejected
    /// The answer does not tell what happened. After a request that makes something, it may have been made.
    case unintelligible
  }

  public let httpStatus: Int
  /// The API's own error code; nil where it gave none.
  public let code: Int64?
  /// One trimmed line, fit to be shown to an operator.
  public let message: String
  public let kind: Kind
  /// What a refused login says of the account; nil elsewhere.
  public let lock: AccountLock?

  /// Whether an account is locked, and for how long.
  public struct AccountLock: Hashable, Sendable {
    public let isLocked: Bool
    /// As the server counts it, which no source tells; likely seconds.
    public let remainingTime: Int64

    public init(isLocked: Bool, remainingTime: Int64) {
      self.isLocked = isLocked
      self.remainingTime = remainingTime
    }
  }

  public init(httpStatus: Int, code: Int64?, message: String, kind: Kind, lock: AccountLock? = nil) {
    self.httpStatus = httpStatus
    self.code = code
    self.message = message
    self.kind = kind
    self.lock = lock
  }

  /// The message, and the code where there is one.
  public var description: String {
    code.map { "\(message) (error \($0))" } ?? message
  }
}
