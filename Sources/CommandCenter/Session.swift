import Clock

/// Who we are to the server, without any I/O: which token to send, when to log in, who does it and who waits.
///
/// However many requests find that there is no token, or that theirs has died, one of them logs in.
struct Session {
  /// What a request must do for a token.
  enum Step: Equatable {
    case use(Ticket)
    /// Log in, or renew what is stored, then say ``loggedIn(_:)`` or ``loginFailed(_:at:)``.
    case logIn
    /// Somebody else logs in: wait until that is over, then ask again.
    case wait
    case refuse(CommandCenterError)
  }

  /// A token, and which one it is of the session's.
  struct Ticket: Equatable {
    let token: Secret
    let number: Int
    /// When it expires; nil where nobody knows.
    var expires: Moment?
  }

  private enum State {
    case loggedOut
    /// The ticket that is to be replaced before it expires, where there is one that is still good.
    case loggingIn(instead: Ticket?)
    /// To be replaced from the moment on, where there is one.
    case loggedIn(Ticket, renewFrom: Moment?)
    /// Nothing is tried before the moment: each failed login brings the account nearer to being locked.
    case refused(CommandCenterError, until: Moment)
  }

  /// How long a refusal is believed.
  static let patience = Duration.seconds(600)

  /// How long before it expires a token is replaced.
  static let margin = Duration.seconds(120)
  /// How soon that is tried again where the server could not be reached.
  static let nextTry = Duration.seconds(30)

  private let isRenewable: Bool
  private let isOwn: Bool
  /// The token that the server did not take any more.
  private(set) var dead: Secret?
  private var state: State
  private var tickets = 0

  init(_ credentials: Credentials) {
    switch credentials {
    case .password: (isRenewable, isOwn, state) = (true, true, .loggedOut)
    case .accessToken: (isRenewable, isOwn, state) = (true, false, .loggedOut)
    case .token(let token):
      (isRenewable, isOwn) = (false, false)
      state = .loggedIn(Ticket(token: token, number: 0), renewFrom: nil)
    }
  }

  /// The token that a login gave; nil where there is none, or where it was not a login.
  var ownToken: Secret? {
    if case .loggedIn(let ticket, _) = state, isOwn { ticket.token } else { nil }
  }

  mutating func next(at now: Moment) -> Step {
    switch state {
    case .loggedIn(let ticket, let renewFrom?) where renewFrom <= now:
      state = .loggingIn(instead: ticket)
      return .logIn
    case .loggedIn(let ticket, _): return .use(ticket)
    case .loggingIn: return .wait
    case .refused(let error, let moment) where now < moment: return .refuse(error)
    case .loggedOut, .refused:
      state = .loggingIn(instead: nil)
      return .logIn
    }
  }

  /// The server did not take a ticket (HTTP 401).
  ///
  /// - Returns: nil where asking again may help; else why it cannot.
  mutating func denied(_ ticket: Ticket, _ error: CommandCenterError) -> CommandCenterError? {
    guard isRenewable else { return error }
    // Another request may have renewed it meanwhile; then that one is good.
    switch state {
    case .loggedIn(let current, _) where current.number == ticket.number:
      dead = ticket.token
      state = .loggedOut
    case .loggingIn(let current?) where current.number == ticket.number:
      dead = ticket.token
      state = .loggingIn(instead: nil)
    default: break
    }
    return nil
  }

  mutating func loggedIn(_ token: Secret, expires: Moment? = nil) {
    tickets += 1
    dead = nil
    let ticket = Ticket(token: token, number: tickets, expires: expires)
    state = .loggedIn(ticket, renewFrom: expires.map { $0 - Self.margin })
  }

  /// - Parameter error: a refusal is believed for a while; anything else is forgotten at once.
  /// - Returns: whether there is a token to use all the same, one that was to be replaced before its time.
  @discardableResult
  mutating func loginFailed(_ error: CommandCenterError, at now: Moment) -> Bool {
    if error.kind == .notLoggedIn {
      state = .refused(error, until: now + Self.patience)
      return false
    }
    if case .loggingIn(let ticket?) = state, let expires = ticket.expires, now < expires {
      // A renewal without an answer may have voided all; while the old token works, that is not put to the test.
      state = .loggedIn(ticket, renewFrom: error.kind == .ambiguous ? expires : now + Self.nextTry)
      return true
    }
    state = .loggedOut
    return false
  }

  mutating func loggedOut() {
    if isRenewable { state = .loggedOut }
  }
}
