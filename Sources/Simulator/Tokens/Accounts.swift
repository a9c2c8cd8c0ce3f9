import Clock
import CommandCenterAPI

/// Who may log in, and the tokens of those who did.
struct Accounts {
  /// What a login gave.
  struct Session {
    /// The device that the login was for: only it can renew the token.
    var device: String
    /// When the token was last used; nil where it has died, and can be renewed only.
    var lastUse: Moment?
  }

  private let settings: SimulatorSettings
  private let seed: UInt64
  /// How many tokens logins were given.
  private(set) var logins = 0
  /// By their tokens.
  private(set) var sessions: [String: Session] = [:]
  /// The tokens whose sessions came, changed or went since somebody asked.
  private var changed: Set<String> = []
  var accessTokens: AccessTokens

  init(_ settings: SimulatorSettings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
    accessTokens = AccessTokens(lifetime: settings.accessTokenLifetime, seed: seed)
  }

  /// - Returns: a new token; nil where user or password are wrong.
  mutating func logIn(_ request: LoginRequest, at now: Moment) -> String? {
    guard request.username == settings.user, request.password == settings.password else { return nil }
    return newToken(for: request.deviceId ?? "", at: now)
  }

  /// - Returns: a token in place of an old one, alive or not; nil where that was never given to this device,
  ///   was renewed before, or was given back.
  mutating func renew(_ old: String, device: String, at now: Moment) -> String? {
    guard sessions[old]?.device == device else { return nil }
    logOut(old)
    return newToken(for: device, at: now)
  }

  private mutating func newToken(for device: String, at now: Moment) -> String {
    logins += 1
    var dice = Dice(seed: seed, for: "token", String(logins))
    let digits = (0..<3).map { _ in String(dice.next(), radix: 16) }.joined()
    let token = "QSDK " + digits
    set(token, Session(device: device, lastUse: now))
    return token
  }

  mutating func logOut(_ token: String) {
    if sessions[token] != nil { set(token, nil) }
  }

  /// Whether a token is good; each use keeps that of a login alive.
  mutating func isGood(_ token: String, at now: Moment) -> Bool {
    if settings.tokens.contains(token) || accessTokens.isGood(token, at: now) { return true }
    guard let last = sessions[token]?.lastUse else { return false }
    let isAlive = now - last <= settings.tokenLifetime
    sessions[token]?.lastUse = isAlive ? now : nil
    // A use is worth writing down once a minute, not at each request.
    if !isAlive || now.unixSeconds / 60 != last.unixSeconds / 60 { changed.insert(token) }
    return isAlive
  }

  /// Lets all tokens that were handed out die, those of logins and access tokens.
  mutating func expireTokens(at now: Moment) {
    for (token, session) in sessions where session.lastUse != nil {
      set(token, Session(device: session.device, lastUse: nil))
    }
    accessTokens.expire(at: now)
  }

  private mutating func set(_ token: String, _ session: Session?) {
    sessions[token] = session
    changed.insert(token)
  }
}

// MARK: Outliving a restart

extension Accounts {
  /// The tokens whose sessions came, changed or went since the last call.
  mutating func takeChanges() -> Set<String> {
    defer { changed = [] }
    return changed
  }

  /// Takes up what an earlier process left.
  mutating func restore(_ sessions: [String: Session], logins: Int) {
    self.sessions = sessions
    self.logins = logins
  }
}
