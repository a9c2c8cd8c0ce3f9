import Clock

/// Who we are to the server, without any I/O: which token to send, when to log in, who does it and who waits.
///
/// However many requests find that there is no token, or that theirs has died, one of them logs in.
struct Session {
  /// What a request must do for a token.
  enum Step: Equatable {
    case use(Ticket)
    /// Log in, then say ``loggedIn(_:)`` or ``loginFailed(_:at:)``.
    case logIn
    /// Somebody else logs in: wait until that is over, then ask again.
    case wait
    case refuse(CommandCenterError)
  }

  /// A token, and which one it is of the session's.
  struct Ticket: Equatable {
    let token: Secret
    let number: Int
  }

  private enum State {
    case loggedOut
    case loggingIn
    case loggedIn(Ticket)
    /// Nothing is tried before the moment: each failed login brings the account nearer to being locked.
    case refused(CommandCenterError, until: Moment)
  }

  /// How long a refusal is believed.
  static let patience = Duration.seconds(600)

  private let isRenewable: Bool
  private var state: State
  private var tickets = 0

  init(_ credentials: Credentials) {
    switch credentials {
    case .password:
      isRenewable = true
      state = .loggedOut
    case .token(let token):
      isRenewable = false
      state = .loggedIn(Ticket(token: token, number: 0))
    }
  }

  /// The token that a login gave; nil where there is none, or where it came ready-made.
  var ownToken: Secret? {
    if case .loggedIn(let ticket) = state, isRenewable { ticket.token } else { nil }
  }

  mutating func next(at now: Moment) -> Step {
    switch state {
    case .loggedIn(let ticket): return .use(ticket)
    case .loggingIn: return .wait
    case .refused(let error, let moment) where now < moment: return .refuse(error)
    case .loggedOut, .refused:
      state = .loggingIn
      return .logIn
    }
  }

  /// The server did not take a ticket (HTTP 401).
  ///
  /// - Returns: nil where asking again may help; else why it cannot.
  mutating func denied(_ ticket: Ticket, _ error: CommandCenterError) -> CommandCenterError? {
    guard isRenewable else { return error }
    // Another request may have renewed it meanwhile; then that one is good.
    if case .loggedIn(let current) = state, current == ticket { state = .loggedOut }
    return nil
  }

  mutating func loggedIn(_ token: Secret) {
    tickets += 1
    state = .loggedIn(Ticket(token: token, number: tickets))
  }

  /// - Parameter error: a refusal is believed for a while; anything else is forgotten at once.
  mutating func loginFailed(_ error: CommandCenterError, at now: Moment) {
    state = error.kind == .notLoggedIn ? .refused(error, until: now + Self.patience) : .loggedOut
  }

  mutating func loggedOut() {
    if isRenewable { state = .loggedOut }
  }
}
