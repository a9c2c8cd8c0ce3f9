/// The answer of `POST /Login` to a login that was taken.
public struct LoginAnswer: Hashable, Sendable {
  /// What goes into the header `Authtoken`, its `QSDK ` included where there is one.
  public var token: String
  public var userName: String
  public var userGUID: String

  public init(token: String, userName: String = "", userGUID: String = "") {
    self.token = token
    self.userName = userName
    self.userGUID = userGUID
  }

  /// Writes the answer as an on-premises server does.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("userName", userName)
    json.member("userGUID", userGUID)
    json.member("token", token)
    json.key("errList")
    json.beginArray()
    json.endArray()
    json.endObject()
  }
}

/// Decodes the answer of `POST /Login`, on-premises (`token`) or SaaS (`data.authToken`).
///
/// A login can be refused under HTTP 200: then there is no token.
///
/// - Throws: `.loginRefused` with what the server says of it and of the account; `.unintelligible` and others
///   where it was not about the login.
public func decodeLogin(status: Int, body: [UInt8]) throws(ServerError) -> LoginAnswer {
  let json = try? JSONValue(parsing: body)
  if (200..<300).contains(status), let json,
    let token = json["token"]?.string ?? json["data"]?["authToken"]?.string, !token.trimmed.isEmpty
  {
    return LoginAnswer(
      token: token.trimmed, userName: json["userName"]?.string ?? "", userGUID: json["userGUID"]?.string ?? ""
    )
  }
  let error = ServerError.decode(status: status, body: body)
  let isLocked = json?["isAccountLocked"]
  let remaining = json?["remainingLockTime"]
  let saysLocked = isLocked?.bool ?? (isLocked?.int64 == 1)
  let lock = ServerError.AccountLock(isLocked: saysLocked, remainingTime: remaining?.int64 ?? 0)
  if let error {
    switch error.kind {
    case .rejected, .accessDenied, .loginRefused:
      throw ServerError(
        httpStatus: status, code: error.code, message: error.message, kind: .loginRefused, lock: lock)
    default: throw error
    }
  }
  guard json?.members != nil else { throw .unintelligible(status, body) }
  let message =
    lock.isLocked
    ? "The server refused the login: the account is locked."
    : "The server refused the login without saying why."
  throw ServerError(httpStatus: status, code: nil, message: message, kind: .loginRefused, lock: lock)
}
