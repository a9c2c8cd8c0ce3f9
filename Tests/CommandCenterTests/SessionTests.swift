import Clock
import Testing

@testable import CommandCenter

@Suite("A session's state")
struct SessionTests {
  private let now = Moment(unixSeconds: 1_790_000_000 as Int64)
  private let refusal = CommandCenterError(.notLoggedIn, "wrong password")

  private func withPassword() -> Session { Session(.password(user: "u", password: Secret("p"))) }

  @Test("The first request logs in and the others wait")
  func first() {
    var session = withPassword()
    #expect(session.next(at: now) == .logIn)
    #expect(session.next(at: now) == .wait)
    session.loggedIn(Secret("t1"))
    #expect(session.next(at: now) == .use(.init(token: Secret("t1"), number: 1)))
  }

  @Test("A ready-made token needs no login, and cannot be renewed")
  func token() throws {
    var session = Session(.token(Secret("given")))
    guard case .use(let ticket) = session.next(at: now) else {
      Issue.record("something else came")
      return
    }
    #expect(ticket.token == Secret("given"))
    #expect(session.denied(ticket, refusal) == refusal)
  }

  @Test("A token that many find dead is renewed once")
  func renewal() {
    var session = withPassword()
    _ = session.next(at: now)
    session.loggedIn(Secret("t1"))
    guard case .use(let old) = session.next(at: now) else {
      Issue.record("something else came")
      return
    }
    #expect(session.denied(old, refusal) == nil)
    #expect(session.next(at: now) == .logIn)
    session.loggedIn(Secret("t2"))
    // A straggler that had sent the old one.
    #expect(session.denied(old, refusal) == nil)
    #expect(session.next(at: now) == .use(.init(token: Secret("t2"), number: 2)))
  }

  @Test("A refusal is believed for ten minutes")
  func refused() {
    var session = withPassword()
    _ = session.next(at: now)
    session.loginFailed(refusal, at: now)
    #expect(session.next(at: now + .seconds(599)) == .refuse(refusal))
    #expect(session.next(at: now + .seconds(600)) == .logIn)
  }

  @Test("A login that nobody answered is forgotten at once")
  func unanswered() {
    var session = withPassword()
    _ = session.next(at: now)
    session.loginFailed(CommandCenterError(.unreachable, "no route"), at: now)
    #expect(session.next(at: now) == .logIn)
  }

  @Test("A secret never shows")
  func secret() {
    let credentials = Credentials.password(user: "u", password: Secret("hunter2"))
    var text = ""
    dump(credentials, to: &text)
    #expect(!"\(credentials) \(String(reflecting: credentials)) \(text)".contains("hunter2"))
  }
}
