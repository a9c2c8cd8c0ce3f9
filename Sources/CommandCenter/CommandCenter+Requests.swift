import Clock
import CommandCenterAPI
public import HTTPTypes

/// What a server answered.
public struct RawAnswer: Hashable, Sendable {
  /// The HTTP status.
  public var status: Int
  public var body: [UInt8]
}

extension CommandCenter {
  /// How often a request that only asks is tried at most.
  static let mostTries = 5

  /// Asks for something below the API's base path, such as `/Client/17`, query included. What the server
  /// answers is not looked into, but for a token that has died.
  ///
  /// - Throws: `.unreachable`, `.notLoggedIn`, `.cancelled`, or what the server says after all tries where it
  ///   is overloaded or broken.
  public func get(_ path: String) async throws(CommandCenterError) -> RawAnswer {
    try await asking { () async throws(CommandCenterError) in
      let answer = try await self.exchange(.get, path)
      // The kinds of answer that another try may better.
      if answer.status >= 500 || answer.status == 429,
        let error = ServerError.decode(status: answer.status, body: answer.body),
        error.kind == .unintelligible || error.kind == .rateLimited
      {
        throw CommandCenterError(error, isHarmless: true)
      }
      return answer
    }
  }

  /// Sends any request below the API's base path, once.
  ///
  /// - Throws: `.ambiguous` where it may have arrived, `.unreachable`, `.notLoggedIn`, `.cancelled`.
  public func request(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8] = []
  ) async throws(CommandCenterError) -> RawAnswer {
    try await exchange(method, path, body, isHarmless: method == .get)
  }

  /// Tries `ask` again, after a while on the clock, where nothing got through or nothing was understood.
  func asking<Answer: Sendable>(
    _ ask: () async throws(CommandCenterError) -> Answer
  ) async throws(CommandCenterError) -> Answer {
    var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
    for _ in 1..<Self.mostTries {
      do {
        return try await ask()
      } catch {
        switch error.kind {
        case .unreachable, .unintelligible, .rateLimited:
          try await pause(for: backoff.delay)
          backoff.advance()
        default: throw error
        }
      }
    }
    return try await ask()
  }

  func pause(for duration: Duration) async throws(CommandCenterError) {
    do { try await clock.sleep(for: duration) } catch { throw .cancelled }
  }

  /// One request with a token, and once more with a new one where the server says that it has died: such a
  /// request was not carried out.
  func exchange(
    _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8] = [], for purpose: Purpose = .other,
    isHarmless: Bool = true
  ) async throws(CommandCenterError) -> RawAnswer {
    var hasRenewed = false
    while true {
      let ticket = try await ticket()
      count(purpose)
      let answer = try await send(method, path, body, ticket.token, isHarmless: isHarmless)
      guard answer.status == 401 else { return answer }
      let said =
        ServerError.decode(status: 401, body: answer.body)
        ?? ServerError(httpStatus: 401, code: nil, message: "Access denied", kind: .accessDenied)
      let error = CommandCenterError(said, isHarmless: true)
      if let final = session.denied(ticket, error) { throw final }
      if hasRenewed { throw error }
      hasRenewed = true
    }
  }

  private func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ token: Secret?, isHarmless: Bool
  ) async throws(CommandCenterError) -> RawAnswer {
    var fields: HTTPFields = [.accept: "application/json"]
    if !body.isEmpty { fields[.contentType] = "application/json" }
    if let token { fields[.authtoken] = token.revealed }
    let request = HTTPRequest(
      method: method, scheme: endpoint.scheme, authority: endpoint.authority,
      path: endpoint.basePath + path, headerFields: fields)
    do {
      let (response, body) = try await transport.send(request, body: body)
      return RawAnswer(status: response.status.code, body: body)
    } catch {
      throw CommandCenterError(error, isHarmless: isHarmless)
    }
  }

  // MARK: The session

  /// A token to send; logs in where there is none, once for all who ask meanwhile.
  private func ticket() async throws(CommandCenterError) -> Session.Ticket {
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
      let token = try await asking { () async throws(CommandCenterError) in try await self.requestToken() }
      session.loggedIn(token)
    } catch {
      session.loginFailed(error, at: clock.now)
      failure = error
    }
    let waiters = loginWaiters
    loginWaiters = []
    for wake in waiters { wake(failure) }
    if let failure { throw failure }
  }

  private func requestToken() async throws(CommandCenterError) -> Secret {
    guard case .password(let user, let password, let domain) = credentials else {
      throw CommandCenterError(.notLoggedIn, "There is no password to log in with.")
    }
    let login = LoginRequest(username: user, password: password.revealed, domain: domain)
    count(.login)
    let answer = try await send(.post, "/Login", login.encoded(), nil, isHarmless: true)
    do {
      return Secret(try decodeLogin(status: answer.status, body: answer.body).token)
    } catch {
      throw CommandCenterError(error, isHarmless: true)
    }
  }

  /// Ends the session where a login began it. Whether that works matters to nobody.
  public func logOut() async {
    guard session.ownToken != nil else { return }
    _ = try? await exchange(.post, "/Logout")
    session.loggedOut()
  }
}

extension HTTPField.Name {
  // A valid name, so there is one.
  static let authtoken = HTTPField.Name("Authtoken")!
}
