/// How to get into a Command Center.
public enum Credentials: Hashable, Sendable {
  /// Logs in by `POST /Login`.
  case password(user: String, password: Secret, domain: String? = nil)
  /// A ready-made token, sent as it is.
  case token(Secret)
  /// An access token that is renewed by its refresh token, both in a store that several processes share.
  case accessToken(StoredTokens)

  /// Whom the server will take us for; nil where only the server can tell.
  public var user: String? {
    switch self {
    case .password(let user, _, _): user
    case .token, .accessToken: nil
    }
  }
}
