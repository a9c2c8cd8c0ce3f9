import Clock
import CommandCenterAPI
import HTTPTypes

extension CommandCenter {
  /// A token to send; logs in where there is none, once for all who ask meanwhile.
  func ticket() async throws(CommandCenterError) -> Session.Ticket {
    while true {
      switch session.next(at: clock.now) {
      case .use(let ticket): return ticket
      case .refuse(let error): throw error
      case .wait:
        let error = await clock.park { loginWaiters.append($0) }
        // One who was cancelled has not failed; the next one tries.
        if let error, error.kind != .cancelled { throw error }
      case .logIn: try await logIn()
      }
    }
  }

  private func logIn() async throws(CommandCenterError) {
    var failure: CommandCenterError?
    do {
      let (token, expires) = try await asking { () async throws(CommandCenterError) in
        try await self.requestToken()
      }
      session.loggedIn(token, expires: expires)
    } catch {
      if !session.loginFailed(error, at: clock.now) {
        failure = withoutLogin(error)
      }
    }
    let waiters = loginWaiters
    loginWaiters = []
    for wake in waiters { wake(failure) }
    if let failure { throw failure }
  }

  /// What a login or a renewal that failed means for the request that it was for, which has certainly not been
  /// sent.
  private func withoutLogin(_ error: CommandCenterError) -> CommandCenterError {
    switch error.kind {
    case .notLoggedIn, .unreachable, .cancelled: return error
    default:
      let hint = error.kind == .notFound ? " (is \(endpoint) the right address?)" : ""
      return CommandCenterError(
        .unreachable, "There was no login: \(error.message)\(hint)", server: error.server)
    }
  }

  private func requestToken() async throws(CommandCenterError) -> (Secret, expires: Moment?) {
    switch credentials {
    case .password(let user, let password, let domain):
      return (try await requestToken(user, password, domain), nil)
    case .accessToken(let stored):
      let pair = try await freshPair(stored.store)
      return (pair.accessToken, pair.expires)
    case .token:
      throw CommandCenterError(.notLoggedIn, "There is no password to log in with.")
    }
  }

  private func requestToken(
    _ user: String, _ password: Secret, _ domain: String?
  ) async throws(CommandCenterError) -> Secret {
    let login = LoginRequest(username: user, password: password.revealed, domain: domain)
    var answer: RawAnswer
    repeat {
      try await admitAhead()
      count(.login)
      answer = try await send(.post, "/Login", login.encoded(), nil, isHarmless: true)
      if answer.status == 429 {
        budget.refused(.write, RateAdvice(answer.fields, now: clock.now), at: clock.now)
      }
    } while answer.status == 429
    do {
      return Secret(try decodeLogin(status: answer.status, body: answer.body).token)
    } catch {
      let failure = CommandCenterError(error, isHarmless: true)
      guard failure.kind == .notLoggedIn else { throw failure }
      throw CommandCenterError(
        .notLoggedIn, "The login as \(user) was refused: \(error.description)", server: error)
    }
  }

  /// Ends the session where a login began it. Whether that works matters to nobody, so it waits for no turn
  /// and logs in for no logout.
  public func logOut() async {
    guard let token = session.ownToken else { return }
    session.loggedOut()
    count(.other)
    _ = try? await send(.post, "/Logout", [], token, isHarmless: true)
  }

  // MARK: keeping it alive

  /// How long the token of a login goes unused while requests wait for their turn. Servers forget it after half an
  /// hour; a login for each submit that waits would use up the writes that it waits for.
  private static let longestIdle = Duration.seconds(15 * 60)
  /// How soon that is tried again where it did not work.
  private static let nextUse = Duration.seconds(60)

  /// Uses the token now and then for as long as requests wait for their turn.
  func keepTokenAlive() {
    guard !isKeptAlive, session.ownToken != nil else { return }
    isKeptAlive = true
    let next = (lastUse ?? clock.now) + Self.longestIdle
    clock.schedule(at: max(next, clock.now + Self.nextUse)) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: taskExecutor) {
        await self.useToken()
        self.clock.release()
      }
    }
  }

  private func useToken() async {
    isKeptAlive = false
    guard budget.waiting > 0, let token = session.ownToken else { return }
    let isIdle = lastUse.map { clock.now - $0 >= Self.longestIdle } ?? true
    if isIdle, budget.admit(.read, at: clock.now) {
      count(.other)
      // What comes of it shows when the token is needed.
      _ = try? await send(.get, "/CommServ", [], token, isHarmless: true)
    }
    keepTokenAlive()
  }
}
