public import Clock

/// An access token and what renews it.
public struct TokenPair: Hashable, Sendable {
  public var accessToken: Secret
  public var refreshToken: Secret
  /// When the access token expires; nil where nobody knows.
  public var expires: Moment?
  /// When this pair was made, as far as we know.
  public var issued: Moment?
  /// When the first pair of the chain of renewals was made that this one is of, as far as we know.
  public var began: Moment?
  /// When a renewal of this pair was begun of which no end is known: its answer may be lost, and the pair
  /// void with it.
  public var renewalBegan: Moment?

  public init(
    accessToken: Secret, refreshToken: Secret, expires: Moment? = nil, issued: Moment? = nil,
    began: Moment? = nil, renewalBegan: Moment? = nil
  ) {
    self.accessToken = accessToken
    self.refreshToken = refreshToken
    self.expires = expires
    self.issued = issued
    self.began = began
    self.renewalBegan = renewalBegan
  }

  /// How long after it has expired a token can be renewed, by default.
  public static let grace = Duration.seconds(14 * 86_400)

  /// How long all renewals together can keep a token alive, by default.
  public static let lifetime = Duration.seconds(90 * 86_400)

  /// Until when the pair can be renewed, as far as we know: 14 days after it has expired, and no longer than
  /// 90 days in all, by default.
  public var renewableUntil: Moment? {
    let ends = [(expires ?? issued).map { $0 + Self.grace }, began.map { $0 + Self.lifetime }]
    return ends.compactMap(\.self).min()
  }
}
