import Clock
import CommandCenterAPI

/// Who may log in, and the tokens of those who did.
struct Accounts {
  private let settings: SimulatorSettings
  private let seed: UInt64
  private var logins = 0
  /// When each token was last used.
  private var lastUse: [String: Moment] = [:]
  /// The device that each login was for, by its token, alive or not: what can be renewed.
  private var devices: [String: String] = [:]

  init(_ settings: SimulatorSettings, seed: UInt64) {
    self.settings = settings
    self.seed = seed
  }

  /// - Returns: a new token; nil where user or password are wrong.
  mutating func logIn(_ request: LoginRequest, at now: Moment) -> String? {
    guard request.username == settings.user, request.password == settings.password else { return nil }
    return newToken(for: request.deviceId ?? "", at: now)
  }

  /// - Returns: a token in place of an old one, alive or not; nil where that was never given to this device,
  ///   was renewed before, or was given back.
  mutating func renew(_ old: String, device: String, at now: Moment) -> String? {
    guard devices[old] == device else { return nil }
    logOut(old)
    return newToken(for: device, at: now)
  }

  private mutating func newToken(for device: String, at now: Moment) -> String {
    logins += 1
    var dice = Dice(seed: seed, for: "token", String(logins))
    let digits = (0..<3).map { _ in String(dice.next(), radix: 16) }.joined()
    let token = "QSDK " + digits
    lastUse[token] = now
    devices[token] = device
    return token
  }

  mutating func logOut(_ token: String) {
    lastUse[token] = nil
    devices[token] = nil
  }

  /// Whether a token is good; each use keeps it alive.
  mutating func isGood(_ token: String, at now: Moment) -> Bool {
    if settings.tokens.contains(token) { return true }
    guard let last = lastUse[token] else { return false }
    guard now - last <= settings.tokenLifetime else {
      lastUse[token] = nil
      return false
    }
    lastUse[token] = now
    return true
  }

  /// Lets all tokens that were handed out die.
  mutating func expireTokens() {
    lastUse = [:]
  }
}
