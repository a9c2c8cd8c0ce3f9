import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("Access tokens")
struct AccessTokenTests {
  private let caller: Caller

  init() throws { caller = try Caller(loggedIn: false) }

  private func status(_ token: String, header: String = "Authtoken") -> Int {
    var request = HTTPRequest(
      method: .get, scheme: "https", authority: "center", path: "/commandcenter/api/Client")
    request.headerFields[HTTPField.Name(header)!] = token
    return caller.simulator.answer(request, body: []).0.status.code
  }

  private func renew(_ access: String, _ refresh: String) throws -> RenewAnswer {
    let body = RenewRequest(accessToken: access, refreshToken: refresh).encoded()
    let answer = caller.send(.post, "/V4/AccessToken/Renew", String(decoding: body, as: UTF8.self))
    return try decodeRenewal(status: answer.status, body: answer.body)
  }

  @Test("One is taken in either header, with Bearer before it, for half an hour")
  func life() {
    let pair = caller.simulator.makeAccessToken()
    #expect(status(pair.accessToken) == 200)
    #expect(status("Bearer " + pair.accessToken) == 200)
    #expect(status("Bearer " + pair.accessToken, header: "Authorization") == 200)
    #expect(status(pair.accessToken, header: "Authorization") == 401)
    #expect(status(pair.refreshToken) == 401)
    #expect(pair.expires == Caller.evening + .seconds(1800))
    caller.clock.advance(by: .seconds(1799))
    #expect(status(pair.accessToken) == 200)
    caller.clock.advance(by: .seconds(1))
    #expect(status(pair.accessToken) == 401)
  }

  @Test("Dead or alive it is renewed; the new pair is taken, the old one is not any more")
  func renewal() throws {
    let first = caller.simulator.makeAccessToken()
    let second = try renew(first.accessToken, first.refreshToken)
    #expect(second.expires == first.expires.unixSeconds)
    #expect(status(second.accessToken) == 200)
    #expect(status(first.accessToken) == 401)
    caller.clock.advance(by: .seconds(7 * 86_400))
    #expect(status(second.accessToken) == 401)
    let third = try renew(second.accessToken, second.refreshToken)
    #expect(status(third.accessToken) == 200)
    #expect(caller.simulator.view.count("POST", "/V4/AccessToken/Renew") == 2)
  }

  @Test("Renewing a pair that was renewed before voids all that came of it, and nothing else")
  func reuse() throws {
    let first = caller.simulator.makeAccessToken()
    let other = caller.simulator.makeAccessToken()
    let second = try renew(first.accessToken, first.refreshToken)
    let third = try renew(second.accessToken, second.refreshToken)
    let error = #expect(throws: ServerError.self) { try renew(first.accessToken, first.refreshToken) }
    #expect(error?.kind == .accessDenied)
    #expect(status(third.accessToken) == 401)
    #expect(throws: ServerError.self) { try renew(third.accessToken, third.refreshToken) }
    #expect(status(other.accessToken) == 200)
  }

  @Test("A pair whose halves do not belong together is refused, and so is one that is two weeks dead")
  func refusals() throws {
    let first = caller.simulator.makeAccessToken()
    let other = caller.simulator.makeAccessToken()
    #expect(throws: ServerError.self) { try renew(first.accessToken, other.refreshToken) }
    #expect(throws: ServerError.self) { try renew("made-up", "made-up") }
    #expect(caller.send(.post, "/V4/AccessToken/Renew", "nonsense").status == 400)
    #expect(status(other.accessToken) == 200)
    caller.clock.advance(by: .seconds(1800 + 14 * 86_400 + 1))
    #expect(throws: ServerError.self) { try renew(first.accessToken, first.refreshToken) }
  }

  @Test("Where all tokens die, access tokens do too, and can be renewed")
  func expiry() throws {
    let pair = caller.simulator.makeAccessToken()
    caller.simulator.expireTokens()
    #expect(status(pair.accessToken) == 401)
    #expect(status(try renew(pair.accessToken, pair.refreshToken).accessToken) == 200)
  }
}
