/// The body of `POST /V4/AccessToken/Renew`.
public struct RenewRequest: Hashable, Sendable {
  public var accessToken: String
  public var refreshToken: String

  public init(accessToken: String, refreshToken: String) {
    self.accessToken = accessToken
    self.refreshToken = refreshToken
  }

  /// The body in UTF-8. It holds both tokens: never log it.
  public func encoded() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("accessToken", accessToken)
    json.member("refreshToken", refreshToken)
    json.endObject()
    return json.bytes
  }

  /// Reads the body, as a server does; nil where it is no such body.
  public init?(decoding body: [UInt8]) {
    guard let json = try? JSONValue(parsing: body), let access = json["accessToken"]?.string,
      let refresh = json["refreshToken"]?.string
    else { return nil }
    self.init(accessToken: access, refreshToken: refresh)
  }
}
