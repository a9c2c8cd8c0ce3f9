import Clock
import CommandCenter
import HTTPTransport
import LuaVM
import Scripting

/// A profile made real: a client of its Command Center, and the way there.
struct Connection: Sendable {
  let center: CommandCenter
  let transport: HTTPTransport
  private let profile: Profile

  /// Fetches the profile's secrets; sends nothing.
  ///
  /// - Throws: `configuration` or `secret`, with what is wrong and where.
  init(
    _ profile: Profile, clock: any RunClock,
    observer: @escaping @Sendable (CommandCenterEvent) -> Void = { _ in }
  ) throws(LuaFailure) {
    func failure(_ message: String) -> LuaFailure {
      LuaFailure("configuration", "profile \(profile.name): \(message)")
    }
    guard let endpoint = Endpoint(url: profile.url) else {
      throw failure(
        "\"\(profile.url)\" is no URL of a Command Center, such as https://HOST/commandcenter/api")
    }
    let credentials: Credentials
    do throws(LuaFailure) { credentials = try Self.credentials(profile) } catch {
      throw failure(error.message)
    }
    do throws(TransportError) {
      transport = try HTTPTransport(endpoint: endpoint, settings: Self.settings(profile))
    } catch {
      throw failure(error.message)
    }
    self.profile = profile
    center = CommandCenter(
      name: profile.name, endpoint: endpoint, credentials: credentials, transport: transport, clock: clock,
      limits: profile.limits, settle: profile.settle ?? .seconds(60), patience: profile.timeout,
      marking: profile.marking,
      seed: UInt64.random(in: .min ... .max),
      observer: observer)
  }

  func close() async { await transport.close() }

  /// Where it goes, and as whom.
  var place: String { Self.place(of: profile, center.endpoint.description) }

  /// The same of a profile that nothing has been asked of.
  static func place(of profile: Profile, _ endpoint: String? = nil) -> String {
    let user = profile.user.map { name in
      "as \(profile.domain.map { "\($0)\\" } ?? "")\(name)"
    }
    let name = profile.name == Profiles.ofEnvironment ? "" : " (profile \(profile.name))"
    return
      "\(endpoint ?? profile.url) \(user ?? "with \(profile.token == nil ? "an access token" : "a token")")\(name)"
  }

  /// What an operator should know of it.
  func warnings(at now: Moment) async -> [String] {
    var warnings: [String] = []
    if transport.trustsAnyCertificate {
      warnings.append(
        "profile \(profile.name) has trust_any_certificate: whoever is on the way to \(center.endpoint.authority) can read and change everything"
      )
    }
    if let remark = tokenRemark(at: now) { warnings.append(remark) }
    return warnings
  }

  /// How soon before its end an access token's renewal is told of.
  static let tokenNotice = Duration.seconds(7 * 86_400)

  /// What to say of an access token that cannot be renewed for much longer; nil while there is time.
  private func tokenRemark(at now: Moment) -> String? {
    tokenEnd(at: now).map {
      "the access token of profile \(profile.name) cannot be renewed any more \($0): \(Self.newToken)"
    }
  }

  /// Whence an access token that can be renewed comes.
  static let newToken = "make a new one in the Command Center, and store it with cvlua login"

  /// Since or after when an access token cannot be renewed any more; nil while there is time.
  func tokenEnd(at now: Moment) -> String? {
    guard case .accessToken(let stored) = center.credentials, let pair = try? stored.store.load(),
      let end = pair.renewableUntil, end - now < Self.tokenNotice
    else { return nil }
    return end < now ? "since \(end.iso8601)" : "after \(end.iso8601)"
  }

  private static func credentials(_ profile: Profile) throws(LuaFailure) -> Credentials {
    if let token = profile.token { return .token(try token.fetch()) }
    if let path = profile.accessTokenFile { return .accessToken(StoredTokens(TokenFile(path: path))) }
    guard let user = profile.user, let password = profile.password else {
      throw LuaFailure("configuration", "it says nothing of how to log in")
    }
    return .password(user: user, password: try password.fetch(), domain: profile.domain)
  }

  private static func settings(_ profile: Profile) -> HTTPSettings {
    var settings = HTTPSettings()
    if let time = profile.connectTimeout { settings.connectTimeout = time }
    if let time = profile.requestTimeout { settings.requestTimeout = time }
    settings.caFile = profile.caFile
    settings.clientCertificate = profile.clientCertificate
    settings.clientKey = profile.clientKey
    if let proxy = profile.proxy { settings.proxy = proxy == "none" ? .none : .url(proxy) }
    settings.allowsPlainHTTP = profile.allowsPlainHTTP
    settings.trustAnyCertificate = profile.trustsAnyCertificate
    return settings
  }
}

extension Profile {
  /// What its server grants.
  var limits: RateLimits {
    switch budget {
    case .none: RateLimits(jobListsAreWrites: jobListsAreWrites)
    case .hourly(let writes, let reads):
      RateLimits(
        writes: .init(writes, per: .seconds(3600)), reads: .init(reads, per: .seconds(3600)),
        jobListsAreWrites: jobListsAreWrites)
    }
  }

  /// The secret of that name.
  func secret(_ key: String) throws(LuaFailure) -> SecretSource {
    if let source = secrets[key] { return source }
    let names = secrets.keys.sorted()
    throw LuaFailure(
      "secret",
      "profile \(name) has no secret \(key); \(names.isEmpty ? "its secrets are given as secrets = { \(key) = secret.file \"…\" }" : "there are \(names.joined(separator: ", "))")"
    )
  }
}
