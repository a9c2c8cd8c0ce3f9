public import Clock

/// An access token and what renews it.
public struct AccessTokenPair: Hashable, Sendable {
  public var accessToken: String
  public var refreshToken: String
  public var issued: Moment
  /// When the access token dies, by the simulator's clock.
  public var expires: Moment
}
