import Clock
import CommandCenterAPI
import HTTPTypes

/// Logins and tokens, which no token is needed for.
extension CommCell {
  /// `POST /Login`
  mutating func logIn(_ body: [UInt8], at now: Moment) -> Answer {
    guard let request = LoginRequest(decoding: body) else { return .badRequest }
    if let token = accounts.logIn(request, at: now) {
      var json = JSONWriter()
      LoginAnswer(token: token, userName: request.username, userGUID: "").write(to: &json)
      return Answer(.ok, json.bytes)
    }
    // A refusal comes under HTTP 200, without a token.
    return .object { json in
      json.key("errList")
      json.beginArray()
      json.beginObject()
      json.member("errorCode", 1127 as Int64)
      json.member("errLogMessage", "Invalid user name or password.")
      json.endObject()
      json.endArray()
      json.member("isAccountLocked", false)
      json.member("remainingLockTime", 0 as Int64)
    }
  }

  /// `POST /RenewLoginToken`
  mutating func renewToken(_ body: [UInt8], at now: Moment) -> Answer {
    guard let json = try? JSONValue(parsing: body), let old = json["sessionId"]?.string else {
      return .badRequest
    }
    guard let token = accounts.renew(old, device: json["deviceId"]?.string ?? "", at: now) else {
      return .object { json in
        json.key("error")
        json.beginObject()
        json.member("errorCode", 5 as Int64)
        json.member("errLogMessage", "The token cannot be renewed.")
        json.endObject()
      }
    }
    return .object { $0.member("token", token) }
  }

  /// `POST /V4/AccessToken/Renew`
  mutating func renewAccessToken(_ body: [UInt8], at now: Moment) -> Answer {
    guard let request = RenewRequest(decoding: body) else { return .badRequest }
    guard
      let pair = accounts.accessTokens.renew(request.accessToken, request.refreshToken, at: now)
    else { return .accessDenied }
    var json = JSONWriter()
    RenewAnswer(
      accessToken: pair.accessToken, refreshToken: pair.refreshToken, expires: pair.expires.unixSeconds
    ).write(to: &json)
    return Answer(.ok, json.bytes)
  }

  /// From the header `Authtoken` or `Authorization`. An access token has `Bearer ` before it in either, as
  /// cvpysdk 11.44 sends it, or in the first one nothing.
  static func token(of request: HTTPRequest) -> String? {
    let bearer = "Bearer "
    if let token = request.headerFields[.authtoken] {
      return token.hasPrefix(bearer) ? String(token.dropFirst(bearer.count)) : token
    }
    guard let value = request.headerFields[.authorization], value.hasPrefix(bearer) else { return nil }
    return String(value.dropFirst(bearer.count))
  }
}

extension HTTPField.Name {
  // A valid name, so there is one.
  fileprivate static let authtoken = HTTPField.Name("Authtoken")!
}
