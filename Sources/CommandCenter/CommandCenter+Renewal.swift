import Clock
import CommandCenterAPI
import HTTPTypes

extension CommandCenter {
  /// How often to ask for a lock that somebody else has, and how long.
  private static let lockInterval = Duration.milliseconds(200)
  private static let lockPatience = Duration.seconds(180)

  /// A pair that is good for a while: the stored one where somebody has renewed it, else a new one.
  ///
  /// Renewing a pair that was renewed before voids everything. So the pair is read again under the lock; the
  /// intention is stored before it is sent, which also shows that the new pair can be stored; and the new
  /// pair is stored before it is used. Where the answer is lost, the old pair may be void and nobody has the
  /// new one: then nothing is left to lose, and another renewal is tried once the old token has died.
  func freshPair(_ store: any TokenStore) async throws(CommandCenterError) -> TokenPair {
    if let unsaved, isFresh(unsaved.pair) {
      if (try? store.save(unsaved.pair)) != nil { self.unsaved = nil }
      return unsaved.pair
    }
    let stored = try Self.stored { () throws(TokenStoreError) in try store.load() }
    if unsaved == nil, isFresh(stored) { return stored }
    let lock: any TokenLock
    if let held = unsaved?.lock { lock = held } else { lock = try await self.lock(store) }
    defer { withExtendedLifetime(lock) {} }
    let current = try Self.stored { () throws(TokenStoreError) in
      if let unsaved { return unsaved.pair }
      return try store.load()
    }
    if isFresh(current) { return current }
    return try await renew(current, store, lock)
  }

  private func isFresh(_ pair: TokenPair) -> Bool {
    guard pair.accessToken != session.dead else { return false }
    return pair.expires.map { $0 - Session.margin > clock.now } ?? true
  }

  private func lock(_ store: any TokenStore) async throws(CommandCenterError) -> any TokenLock {
    let start = clock.now
    while true {
      let lock = try Self.stored { () throws(TokenStoreError) in try store.tryLock() }
      if let lock { return lock }
      guard clock.now - start < Self.lockPatience else {
        throw CommandCenterError(
          .unreachable, "Another process has been renewing the access token for minutes, and goes on.")
      }
      try await pause(for: jitter.around(Self.lockInterval))
    }
  }

  private func renew(
    _ pair: TokenPair, _ store: any TokenStore, _ lock: any TokenLock
  ) async throws(CommandCenterError) -> TokenPair {
    try await admitAhead()
    var marked = pair
    marked.renewalBegan = pair.renewalBegan ?? clock.now
    let intention = marked
    try Self.stored { () throws(TokenStoreError) in try store.save(intention) }
    let request = RenewRequest(
      accessToken: pair.accessToken.revealed, refreshToken: pair.refreshToken.revealed)
    count(.login)
    let answer: RawAnswer
    do throws(CommandCenterError) {
      answer = try await send(
        .post, "/V4/AccessToken/Renew", request.encoded(), pair.accessToken, isHarmless: false)
    } catch {
      // Nothing was sent: the pair is as good as before.
      if error.kind != .ambiguous { try? store.save(pair) }
      throw error.kind == .ambiguous
        ? CommandCenterError(.ambiguous, "The renewal of the access token was not answered: \(error.message)")
        : error
    }
    if answer.status == 429 {
      budget.refused(.write, RateAdvice(answer.fields, now: clock.now), at: clock.now)
      try? store.save(pair)
      throw CommandCenterError(.unreachable, Self.tooMany(answer).description)
    }
    let renewed: RenewAnswer
    do {
      renewed = try decodeRenewal(status: answer.status, body: answer.body)
    } catch {
      throw refusal(error, of: pair)
    }
    return keep(renewed, insteadOf: pair, store, lock)
  }

  private func refusal(_ error: ServerError, of pair: TokenPair) -> CommandCenterError {
    if error.kind == .unintelligible {
      return CommandCenterError(.ambiguous, error.description, server: error)
    }
    var message = "The access token cannot be renewed: \(error.description)"
    if !message.hasSuffix(".") { message += "." }
    if let began = pair.renewalBegan {
      message += " An earlier renewal (\(began.iso8601)) got no answer, which may have voided it."
    }
    return CommandCenterError(
      .notLoggedIn, message + " A new access token has to be made in the Command Center.", server: error)
  }

  private func keep(
    _ renewed: RenewAnswer, insteadOf old: TokenPair, _ store: any TokenStore, _ lock: any TokenLock
  ) -> TokenPair {
    let now = clock.now
    var pair = TokenPair(
      accessToken: Secret(renewed.accessToken), refreshToken: Secret(renewed.refreshToken),
      expires: renewed.expires.map { Moment(unixSeconds: $0) }, issued: now,
      began: old.began ?? old.issued)
    if pair.expires == nil, let issued = old.issued, let expires = old.expires, expires > issued {
      // The new one lives as long as the old one did.
      pair.expires = now + (expires - issued)
    }
    do {
      try store.save(pair)
      unsaved = nil
    } catch {
      // What is stored is void now. This process goes on with what it has, and nobody else may try.
      unsaved = (pair, lock)
      observer(.warning("The renewed access token could not be stored, and will be lost: \(error.message)."))
    }
    return pair
  }

  private static func stored<Value>(
    _ body: () throws(TokenStoreError) -> Value
  ) throws(CommandCenterError) -> Value {
    do {
      return try body()
    } catch {
      throw CommandCenterError(.notLoggedIn, "The access token cannot be used: \(error.message).")
    }
  }
}
