/// The body of `POST /Login`.
public struct LoginRequest: Hashable, Sendable {
  public var username: String
  /// As the user types it; base64 over the wire.
  public var password: String
  public var domain: String?
  /// Minutes of inactivity after which the token dies; the server's own default is 30.
  public var timeout: Int64?
  /// Names this client, for renewing the token later.
  public var deviceId: String?

  public init(
    username: String, password: String, domain: String? = nil, timeout: Int64? = nil, deviceId: String? = nil
  ) {
    self.username = username
    self.password = password
    self.domain = domain
    self.timeout = timeout
    self.deviceId = deviceId
  }

  /// The body in UTF-8. It holds the password: never log it.
  public func encoded() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("username", username)
    json.member("password", Base64.encode(password.utf8))
    if let domain { json.member("domain", domain) }
    if let timeout { json.member("timeout", timeout) }
    if let deviceId { json.member("deviceId", deviceId) }
    json.endObject()
    return json.bytes
  }

  /// Reads the body, as a server does.
  ///
  /// - Returns: nil where it is no such body: no JSON object, no user name, a password that is no base64.
  public init?(decoding body: [UInt8]) {
    guard let json = try? JSONValue(parsing: body), let username = json["username"]?.string,
      let secret = json["password"]?.string, let password = Base64.decode(secret),
      let text = String(validating: password, as: UTF8.self)
    else { return nil }
    self.init(
      username: username, password: text, domain: json["domain"]?.string, timeout: json["timeout"]?.int64,
      deviceId: json["deviceId"]?.string)
  }
}
