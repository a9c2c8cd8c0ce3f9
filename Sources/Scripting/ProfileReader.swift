import Clock
import CommandCenter
import CommandCenterAPI
import LuaVM

/// Reads one profile of a configuration, and knows every setting that there is.
struct ProfileReader {
  let call: Stack
  let table: Int
  private let name: String
  let secretType: ObjectType<SecretReference>

  static let settings = shape.names

  init(_ call: Stack, _ table: Int, _ name: String, _ secretType: ObjectType<SecretReference>) {
    self.call = call
    self.table = table
    self.name = name
    self.secretType = secretType
  }

  func read() throws(LuaFailure) -> Profile {
    try call.forEach(table) { () throws(LuaFailure) in
      guard let key = call.string(-2), Self.settings.contains(key) else {
        let hint = call.string(-2).flatMap { didYouMean($0, among: Self.settings) }.map {
          "; did you mean \($0)?"
        }
        throw failure(
          "knows no setting \(call.quoted(-2))\(hint ?? "; there are \(Self.settings.joined(separator: ", "))")"
        )
      }
    }
    guard let url = try text("url") else {
      throw failure("needs a url, such as https://HOST/commandcenter/api")
    }
    var profile = Profile(name: name, url: url)
    profile.user = try text("user")
    profile.domain = try text("domain")
    profile.password = try secret("password")
    profile.token = try secret("token")
    profile.accessTokenFile = try text("access_token_file")
    profile.caFile = try text("ca_file")
    profile.clientCertificate = try text("client_certificate")
    profile.clientKey = try text("client_key")
    profile.proxy = try text("proxy")
    profile.connectTimeout = try duration("connect_timeout")
    profile.requestTimeout = try duration("request_timeout")
    profile.settle = try duration("settle")
    if try !isFalse("timeout") {
      profile.timeout = try duration("timeout") ?? profile.timeout
    } else {
      profile.timeout = nil
    }
    profile.marking.hasTag = try !isFalse("tag")
    if profile.marking.hasTag { _ = try flag("tag") }
    profile.marking.isTwoPhase = try flag("two_phase")
    profile.budget = try budget()
    profile.jobListsAreWrites = try flag("job_lists_are_writes")
    profile.isUnattended = try flag("unattended")
    profile.allowsPlainHTTP = try flag("allow_plain_http")
    profile.trustsAnyCertificate = try flag("trust_any_certificate")
    profile.libraries = try texts("library")
    profile.isDefault = try flag("default")
    profile.secrets = try secrets()
    profile.attention = try attention()
    profile.ping = try ping()
    profile.sendmail = try text("sendmail") ?? profile.sendmail
    let ways = [profile.password != nil, profile.token != nil, profile.accessTokenFile != nil].count { $0 }
    guard ways == 1 else {
      throw failure("needs one of password (with user), token or access_token_file, and has \(ways) of them")
    }
    if profile.password != nil, profile.user == nil {
      throw failure("has a password, and needs a user for it")
    }
    return profile
  }

  func failure(_ message: String) -> LuaFailure {
    LuaFailure("configuration", "profile \(name) \(message)")
  }

  private func text(_ key: String) throws(LuaFailure) -> String? {
    defer { call.pop() }
    switch call.get(table, key) {
    case .null: return nil
    case .string: return call.string(-1)
    default: throw failure("wants a string for \(key), not \(call.quoted(-1))")
    }
  }

  private func flag(_ key: String) throws(LuaFailure) -> Bool {
    defer { call.pop() }
    switch call.get(table, key) {
    case .null: return false
    case .boolean: return call.boolean(-1)
    default: throw failure("wants true or false for \(key), not \(call.quoted(-1))")
    }
  }

  /// Whether a setting is switched off.
  private func isFalse(_ key: String) throws(LuaFailure) -> Bool {
    defer { call.pop() }
    return call.get(table, key) == .boolean && !call.boolean(-1)
  }

  private func duration(_ key: String) throws(LuaFailure) -> Duration? {
    defer { call.pop() }
    if call.get(table, key) == .null { return nil }
    if let seconds = call.number(-1), seconds > 0, seconds < 1e6 { return .nanoseconds(Int64(seconds * 1e9)) }
    if let duration = call.string(-1).flatMap({ DurationText.parse($0) }), duration > .zero {
      return duration
    }
    throw failure("wants a duration such as \"30s\" for \(key), not \(call.quoted(-1))")
  }

  /// A secret is named by its source; its text has no place in a file that may be in git.
  private func secret(_ key: String) throws(LuaFailure) -> SecretSource? {
    defer { call.pop() }
    if call.get(table, key) == .null { return nil }
    if let reference = call.object(call.top, as: secretType) { return reference.source }
    throw failure(
      "wants secret.env, secret.file, secret.credential or secret.command for \(key); the secret itself does not belong in a configuration"
    )
  }

  private func texts(_ key: String) throws(LuaFailure) -> [String] {
    let level = call.top
    defer { call.pop(call.top - level) }
    switch call.get(table, key) {
    case .null: return []
    case .string: return [call.string(-1) ?? ""]
    case .table:
      var texts: [String] = []
      let list = call.top
      for index in stride(from: 1, through: call.rawLength(list), by: 1) {
        call.get(list, at: index)
        guard let text = call.string(-1) else {
          throw failure("wants strings in \(key), not \(call.quoted(-1))")
        }
        texts.append(text)
        call.pop()
      }
      return texts
    default: throw failure("wants a string or a list of strings for \(key), not \(call.quoted(-1))")
    }
  }

  private func secrets() throws(LuaFailure) -> [String: SecretSource] {
    let level = call.top
    defer { call.pop(call.top - level) }
    switch call.get(table, "secrets") {
    case .null: return [:]
    case .table:
      var secrets: [String: SecretSource] = [:]
      try call.forEach(call.top) { () throws(LuaFailure) in
        guard let key = call.string(-2), let reference = call.object(call.top, as: secretType) else {
          throw failure("wants names with secret.env, secret.file, … in secrets, not \(call.quoted(-2))")
        }
        secrets[key] = reference.source
      }
      return secrets
    default: throw failure("wants a table for secrets, not \(call.quoted(-1))")
    }
  }

  /// `"saas"`, or `{ writes = N, reads = N }` per hour.
  private func budget() throws(LuaFailure) -> Profile.Budget {
    let level = call.top
    defer { call.pop(call.top - level) }
    switch call.get(table, "budget") {
    case .null: return .none
    case .string where call.string(-1) == "saas": return .saas
    case .table:
      let list = call.top
      call.get(list, "writes")
      call.get(list, "reads")
      guard let writes = call.integer(-2), let reads = call.integer(-1), writes > 0, reads > 0 else { break }
      return .hourly(writes: Int(writes), reads: Int(reads))
    default: break
    }
    throw failure("wants \"saas\" or { writes = N, reads = N } (per hour) for budget")
  }
}
