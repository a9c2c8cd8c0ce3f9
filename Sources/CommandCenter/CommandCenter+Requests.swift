import Clock
import CommandCenterAPI
public import HTTPTypes

/// What a server answered.
public struct RawAnswer: Hashable, Sendable {
  /// The HTTP status.
  public var status: Int
  public var body: [UInt8]
  /// The headers.
  public var fields = HTTPFields()

  /// Whether it looks like a web page, of whatever stands before the server.
  var isPage: Bool {
    body.first { ![0x09, 0x0A, 0x0D, 0x20].contains($0) } == UInt8(ascii: "<")
  }
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
    // A login has tries of its own.
    _ = try await ticket()
    return try await asking { () async throws(CommandCenterError) in
      let answer = try await self.exchange(.get, path)
      if answer.status == 429 { throw CommandCenterError(Self.tooMany(answer), isHarmless: true) }
      if Self.mayImprove(answer) || answer.isPage,
        let error = ServerError.decode(status: answer.status, body: answer.body)
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

  /// Sends any request below the API's base path and gives the answer, whatever it says: HTTP errors are
  /// answers, too. A GET is tried again where nothing got through or another try may better the answer; of
  /// anything else a second one is sent only where the server says that it did not carry out the first, since
  /// the token had died or there were too many requests.
  ///
  /// - Throws: `.ambiguous` where it may have been carried out without an answer, `.unreachable`,
  ///   `.notLoggedIn`, `.cancelled`.
  public func answer(
    to method: RequestMethod, _ path: String, body: [UInt8] = []
  ) async throws(CommandCenterError) -> RawAnswer {
    let isHarmless = method == .get
    var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
    for isLast in (1...Self.mostTries).map({ !isHarmless || $0 == Self.mostTries }) {
      do {
        let answer = try await exchange(
          method.http, path, body, isHarmless: isHarmless, givesDenials: true)
        if isLast || !Self.mayImprove(answer) { return answer }
      } catch {
        if isLast || !error.mayPass { throw error }
      }
      try await pause(for: jitter.around(backoff.delay))
      backoff.advance()
    }
    // The last try has returned or thrown.
    throw .cancelled
  }

  /// Whether another try may bring a better answer: one that says nothing of what was asked.
  private static func mayImprove(_ answer: RawAnswer) -> Bool {
    answer.status >= 500
      && ServerError.decode(status: answer.status, body: answer.body)?.kind == .unintelligible
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
        guard error.mayPass || error.kind == .unintelligible else { throw error }
        try await pause(for: jitter.around(backoff.delay))
        backoff.advance()
      }
    }
    return try await ask()
  }

  func pause(for duration: Duration) async throws(CommandCenterError) {
    do { try await clock.sleep(for: duration) } catch { throw .cancelled }
  }

  /// One request with a token, when the server's limits allow it. It is sent again only where it was
  /// certainly not carried out: once with a new token where the server says that the old one has died; and
  /// where it says that there were too many requests, as often as need be for a submit, some times for others.
  ///
  /// - Parameters:
  ///   - latest: a moment after which it is not sent any more, but fails as `.tooLate`.
  ///   - isWanted: asked right before it is sent; where nobody wants it any more it fails as `.cancelled`.
  ///   - givesDenials: whether a 401 that no new token helps against is an answer like others.
  func exchange(
    _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8] = [], for purpose: Purpose = .other,
    isHarmless: Bool = true, latest: Moment? = nil, isWanted: (@Sendable () -> Bool)? = nil,
    givesDenials: Bool = false
  ) async throws(CommandCenterError) -> RawAnswer {
    let kind = RateBudget.Kind(method, path)
    // When a ticket that was denied was replaced, and how often.
    var (renewed, renewals): (Moment?, Int) = (nil, 0)
    var refusals = 0
    while true {
      try await admit(kind, latest: latest)
      let ticket = try await ticket()
      if let latest, clock.now > latest { throw .tooLate }
      if let isWanted, !isWanted() { throw .cancelled }
      count(purpose)
      let answer = try await send(method, path, body, ticket.token, isHarmless: isHarmless)
      switch answer.status {
      case 401:
        let said =
          ServerError.decode(status: 401, body: answer.body)
          ?? ServerError(httpStatus: 401, code: nil, message: "Access denied", kind: .accessDenied)
        let error = CommandCenterError(said, isHarmless: true)
        let final = session.denied(ticket, error)
        // One that has waited long for its turn may find its second token dead as well.
        let isNew = renewed.map { clock.now - $0 < Session.patience } ?? false
        if final != nil || isNew || renewals == Self.mostTries {
          if givesDenials { return answer }
          throw final ?? error
        }
        (renewed, renewals) = (clock.now, renewals + 1)
      case 429:
        budget.refused(kind, RateAdvice(answer.fields, now: clock.now), at: clock.now)
        refusals += 1
        if purpose != .submit && refusals >= Self.mostTries { return answer }
      default:
        let advice = RateAdvice(answer.fields, now: clock.now)
        if answer.status == 503, advice.retryAfter != nil {
          // Down, and it says for how long: whoever comes next waits.
          budget.refused(kind, advice, at: clock.now)
        } else {
          budget.accepted(kind)
        }
        return answer
      }
    }
  }

  /// What an answer under HTTP 429 says.
  static func tooMany(_ answer: RawAnswer) -> ServerError {
    let error = ServerError.decode(status: 429, body: answer.body)
    if let error, error.kind == .rateLimited { return error }
    return ServerError(
      httpStatus: 429, code: error?.code,
      message: error?.message ?? "The server says that there are too many requests.", kind: .rateLimited)
  }

  /// Where an answer points; nil where it points nowhere.
  private static func redirection(_ answer: RawAnswer) -> String? {
    guard (300..<400).contains(answer.status), let location = answer.fields[.location] else { return nil }
    // What follows the path may be a secret of the server's.
    return String(location.prefix { $0 != "?" && $0 != "#" }.prefix(200))
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: [UInt8], _ token: Secret?, isHarmless: Bool
  ) async throws(CommandCenterError) -> RawAnswer {
    var fields: HTTPFields = [.accept: "application/json"]
    if !body.isEmpty { fields[.contentType] = "application/json" }
    if let token {
      guard HTTPField.isValidValue(token.revealed), !token.revealed.isEmpty else {
        throw CommandCenterError(
          .notLoggedIn,
          "The token cannot be sent: it is empty, or holds a line break or other odd characters.")
      }
      fields[.authtoken] = token.revealed
    }
    let request = HTTPRequest(
      method: method, scheme: endpoint.scheme, authority: endpoint.authority,
      path: endpoint.basePath + path, headerFields: fields)
    let start = clock.now
    let answer: RawAnswer
    do {
      let (response, body) = try await transport.send(request, body: body)
      if let date = response.headerFields[.date].flatMap(HTTPDate.moment) {
        // Dates are cut to whole seconds, and told somewhere between question and answer.
        clockSkew = date + .milliseconds(500) - (start + (clock.now - start) / 2)
      }
      answer = RawAnswer(status: response.status.code, body: body, fields: response.headerFields)
    } catch {
      throw CommandCenterError(error, isHarmless: isHarmless)
    }
    if token != nil, answer.status != 401 { lastUse = start }
    if let place = Self.redirection(answer) {
      // Not followed: it could take the token anywhere.
      throw CommandCenterError(
        isHarmless ? .rejected : .ambiguous,
        "The server answered HTTP \(answer.status) and points to \(place); is the address of the Command Center right?"
      )
    }
    return answer
  }
}

extension HTTPField.Name {
  // A valid name, so there is one.
  static let authtoken = HTTPField.Name("Authtoken")!
}
