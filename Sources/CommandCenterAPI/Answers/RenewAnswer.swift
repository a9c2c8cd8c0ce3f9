/// The pair of tokens that `POST /V4/AccessToken/Renew` gives in place of the old one.
public struct RenewAnswer: Hashable, Sendable {
  public var accessToken: String
  public var refreshToken: String
  /// When the access token expires: unix seconds; nil where the server does not say.
  public var expires: Int64?

  public init(accessToken: String, refreshToken: String, expires: Int64? = nil) {
    self.accessToken = accessToken
    self.refreshToken = refreshToken
    self.expires = expires
  }

  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("accessToken", accessToken)
    json.member("refreshToken", refreshToken)
    if let expires { json.member("tokenExpiryTimestamp", expires) }
    json.endObject()
  }
}

/// Decodes the answer of `POST /V4/AccessToken/Renew`. No source shows one whole: the pair is looked for at
/// the top, and in `tokenInfo` and `data`.
///
/// - Throws: `.accessDenied` where the server refused to renew; `.unintelligible` and others where it is not
///   known what it did.
public func decodeRenewal(status: Int, body: [UInt8]) throws(ServerError) -> RenewAnswer {
  if (200..<300).contains(status), let json = try? JSONValue(parsing: body) {
    for place in [json, json["tokenInfo"], json["data"]] {
      guard let place, let access = place["accessToken"]?.string?.trimmed,
        let refresh = place["refreshToken"]?.string?.trimmed, !access.isEmpty, !refresh.isEmpty
      else { continue }
      let names = ["tokenExpiryTimestamp", "expiryTime", "expires", "tokenExpires"]
      let expires = names.lazy.compactMap { place[$0]?.int64 }.first { $0 > 1_000_000_000 }
      return RenewAnswer(accessToken: access, refreshToken: refresh, expires: expires)
    }
  }
  // Never quoted: an answer that is not understood may hold the new pair.
  guard let error = ServerError.decode(status: status, body: body), error.kind != .unintelligible else {
    throw ServerError(
      httpStatus: status, code: nil,
      message: "The server answered the renewal of the access token with something that is not understood.",
      kind: .unintelligible)
  }
  guard error.kind == .rejected || error.kind == .notFound else { throw error }
  throw ServerError(
    httpStatus: status, code: error.code, message: error.message,
    kind: error.kind == .rejected ? .accessDenied : .notFound)
}
