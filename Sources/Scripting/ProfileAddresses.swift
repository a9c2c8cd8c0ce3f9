public import CommandCenter
public import LuaVM

/// Whom to tell when something needs a human: the `attention` of a profile.
public struct AttentionAddresses: Hashable, Sendable {
  /// A URL that takes all there is as a JSON object.
  public var webhook: SecretSource?
  /// An incoming webhook of Slack, or of something that takes the same.
  public var slack: SecretSource?
  /// A webhook of a workflow of Microsoft Teams.
  public var teams: SecretSource?
  /// A routing key of PagerDuty's Events API v2, or a URL that takes its events, a blank, and the key.
  public var pagerDuty: SecretSource?
  /// Addresses with commas between.
  public var email: String?

  public init() {}

  static let names = ["webhook", "slack", "teams", "pagerduty", "email"]
}

/// Whom to tell that a run began, and how it ended, so that somebody misses the ones that never did: the `ping`
/// of a profile.
public struct PingAddresses: Hashable, Sendable {
  public var start: PingAddress?
  /// Where all targets are good.
  public var success: PingAddress?
  public var fail: PingAddress?

  public init() {}

  static let names = ["start", "success", "fail"]
}

/// A URL that may hold a key in its path: it never shows.
public enum PingAddress: Hashable, Sendable {
  /// As it stands in the configuration.
  case url(Secret)
  case secret(SecretSource)

  /// - Throws: a sentence that names the source, never the address.
  public func fetch() throws(LuaFailure) -> Secret {
    switch self {
    case .url(let url): url
    case .secret(let source): try source.fetch()
    }
  }
}
