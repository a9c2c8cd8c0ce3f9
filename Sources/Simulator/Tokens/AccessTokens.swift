import Clock

/// The access tokens that were made in the Command Center, and those that renewals gave in their place.
struct AccessTokens {
  struct Entry {
    var pair: AccessTokenPair
    /// Those that were renewed from one another, and die together.
    let chain: Int
    /// Whether another pair was given in place of this one.
    var isRotated = false
  }

  /// Within so long after it has died an access token can be renewed (documentation.commvault.com, "Using
  /// Refresh Tokens to Renew Access Tokens").
  static let grace = Duration.seconds(14 * 86_400)

  private let lifetime: Duration
  private let seed: UInt64
  /// By the refresh token.
  private(set) var entries: [String: Entry] = [:]
  private var refreshTokens: [String: String] = [:]
  /// How many pairs there ever were.
  private(set) var made = 0
  /// The refresh tokens whose entries came, changed or went since somebody asked.
  private var changed: Set<String> = []

  init(lifetime: Duration, seed: UInt64) {
    self.lifetime = lifetime
    self.seed = seed
  }

  /// A pair that begins a chain.
  mutating func make(at now: Moment) -> AccessTokenPair { make(inChain: made + 1, at: now) }

  /// Gives a new pair in place of an old one, whether its access token has died or not. The old one is good
  /// for nothing from then on; to renew it once more voids all that came of it.
  ///
  /// - Returns: nil where the pair is not known, is too old, or was renewed before.
  mutating func renew(_ access: String, _ refresh: String, at now: Moment) -> AccessTokenPair? {
    guard let entry = entries[refresh], entry.pair.accessToken == access else { return nil }
    guard !entry.isRotated else {
      for (token, other) in entries where other.chain == entry.chain { remove(token) }
      return nil
    }
    guard now - entry.pair.expires <= Self.grace else { return nil }
    entries[refresh]?.isRotated = true
    changed.insert(refresh)
    return make(inChain: entry.chain, at: now)
  }

  func isGood(_ access: String, at now: Moment) -> Bool {
    guard let entry = refreshTokens[access].flatMap({ entries[$0] }) else { return false }
    return !entry.isRotated && now < entry.pair.expires
  }

  /// Lets all access tokens die at once; they can be renewed.
  mutating func expire(at now: Moment) {
    for (token, entry) in entries where !entry.isRotated && entry.pair.expires > now {
      entries[token]?.pair.expires = now
      changed.insert(token)
    }
  }

  private mutating func make(inChain chain: Int, at now: Moment) -> AccessTokenPair {
    made += 1
    var dice = Dice(seed: seed, for: "access token", String(made))
    func token() -> String { (0..<4).map { _ in String(dice.next(), radix: 16) }.joined() }
    let pair = AccessTokenPair(
      accessToken: "access-" + token(), refreshToken: "refresh-" + token(), issued: now,
      expires: now + lifetime)
    add(Entry(pair: pair, chain: chain))
    return pair
  }

  private mutating func add(_ entry: Entry) {
    entries[entry.pair.refreshToken] = entry
    refreshTokens[entry.pair.accessToken] = entry.pair.refreshToken
    changed.insert(entry.pair.refreshToken)
  }

  private mutating func remove(_ refresh: String) {
    guard let entry = entries.removeValue(forKey: refresh) else { return }
    refreshTokens[entry.pair.accessToken] = nil
    changed.insert(refresh)
  }
}

// MARK: Outliving a restart

extension AccessTokens {
  /// The refresh tokens whose entries came, changed or went since the last call.
  mutating func takeChanges() -> Set<String> {
    defer { changed = [] }
    return changed
  }

  /// Takes up what an earlier process left.
  mutating func restore(_ entries: [Entry], made: Int) {
    for entry in entries { add(entry) }
    self.made = made
    changed = []
  }
}
