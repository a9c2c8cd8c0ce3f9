import Clock
import HTTPTypes
import Testing

@testable import CommandCenter

/// A budget by reference, as expectations do not change what they look at.
private final class Desk {
  var budget: RateBudget
  init(_ limits: RateLimits) { budget = RateBudget(limits) }

  func admit(_ kind: RateBudget.Kind, at now: Moment) -> Bool { budget.admit(kind, at: now) }
  func grant(at now: Moment) -> [Int] { budget.grant(at: now) }
}

@Suite("Limits, without any I/O")
struct RateBudgetTests {
  private let start = Moment(unixSeconds: 1_790_000_000 as Int64)

  /// Lets `count` requests out as soon as they may go.
  private func departures(_ desk: Desk, _ kind: RateBudget.Kind, _ count: Int) -> [Moment] {
    var times: [Moment] = []
    var now = start
    for _ in 0..<count { _ = desk.budget.enqueue(kind) }
    while let next = desk.budget.nextGrant(at: now) {
      now = next
      let granted = desk.grant(at: now)
      #expect(!granted.isEmpty)
      times += granted.map { _ in now }
    }
    return times
  }

  @Test("No hour, wherever it begins, sees more than it may")
  func hourly() {
    let desk = Desk(.saas)
    let times = departures(desk, .write, 450)
    #expect(times.count == 450)
    for (index, time) in times.enumerated() where index + 100 < times.count {
      #expect(times[index + 100] - time > .seconds(3600))
    }
    // And yet hardly longer than needed.
    #expect(times[449] - start < .seconds(4 * 3600 + 10))
  }

  @Test("It is known beforehand when the last one goes out")
  func foresight() {
    for count in [1, 99, 100, 101, 250, 1000] {
      let desk = Desk(.saas)
      let foretold = desk.budget.departure(ofLast: count, at: start)
      #expect(departures(desk, .write, count).last == foretold)
    }
    let used = Desk(.saas)
    for _ in 0..<100 { #expect(used.admit(.write, at: start)) }
    #expect(!used.admit(.write, at: start + .seconds(3600)))
    _ = used.budget.enqueue(.write)
    #expect(used.budget.departure(ofLast: 100, at: start) > start + .seconds(7200))
    #expect(RateBudget(.none).departure(ofLast: 1_000_000, at: start) == start)
  }

  @Test("First come, first served; writes before reads; who leaves the line is in nobody's way")
  func order() {
    var limits = RateLimits()
    limits.writes = .init(1, per: .seconds(10))
    limits.reads = .init(1, per: .seconds(10))
    let desk = Desk(limits)
    #expect(desk.admit(.read, at: start) && desk.admit(.write, at: start))
    let read = desk.budget.enqueue(.read)
    let first = desk.budget.enqueue(.write)
    let second = desk.budget.enqueue(.write)
    let third = desk.budget.enqueue(.write)
    #expect(!desk.admit(.write, at: start + .seconds(20)))
    desk.budget.withdraw(second)
    #expect(desk.grant(at: start + .seconds(9)) == [])
    #expect(desk.grant(at: start + .seconds(20)) == [first, read])
    #expect(desk.grant(at: start + .seconds(40)) == [third])
    #expect(desk.budget.nextGrant(at: start) == nil)
    #expect(desk.budget.waiting == 0)
  }

  @Test("Lists of jobs that count as writes have a part of these to themselves")
  func lists() {
    var limits = RateLimits.saas
    limits.jobListsAreWrites = true
    let desk = Desk(limits)
    var writes = 0
    var lists = 0
    while desk.admit(.write, at: start) { writes += 1 }
    while desk.admit(.list, at: start) { lists += 1 }
    #expect(writes + lists == 100)
    #expect(lists == 25)
    // One look in 144 s and a bit.
    #expect(desk.budget.pollSpacing > .seconds(144) && desk.budget.pollSpacing < .seconds(155))
    #expect(RateBudget(.saas).pollSpacing > .milliseconds(4800))
    #expect(RateBudget(.saas).pollSpacing < .milliseconds(5300))
    #expect(RateBudget(.none).pollSpacing == .zero)
  }

  @Test("A refusal closes the way for as long as the server says")
  func refused() {
    let desk = Desk(.none)
    var advice = RateAdvice()
    advice.retryAfter = .seconds(30)
    desk.budget.refused(.write, advice, at: start)
    #expect(!desk.admit(.write, at: start + .seconds(29)))
    #expect(desk.admit(.read, at: start))
    #expect(desk.admit(.write, at: start + .seconds(30)))
    // A wait without end is cut.
    advice.retryAfter = .seconds(1_000_000_000)
    desk.budget.refused(.write, advice, at: start)
    #expect(desk.admit(.write, at: start + .seconds(3600)))
  }

  @Test("Without a word of when, the pauses grow, and shrink when something is taken")
  func pauses() {
    let desk = Desk(.none)
    var now = start
    var waits: [Duration] = []
    for _ in 0..<8 {
      desk.budget.refused(.write, RateAdvice(), at: now)
      _ = desk.budget.enqueue(.write)
      let next = desk.budget.nextGrant(at: now) ?? now
      waits.append(next - now)
      now = next
      _ = desk.grant(at: now)
    }
    #expect(waits == [5, 10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
    desk.budget.accepted(.write)
    desk.budget.refused(.write, RateAdvice(), at: now)
    _ = desk.budget.enqueue(.write)
    #expect(desk.budget.nextGrant(at: now) == now + .seconds(5))
  }

  @Test("Limits that a server tells are kept from then on, where they are stricter")
  func learning() {
    let desk = Desk(.none)
    var advice = RateAdvice()
    advice.rate = .init(2, per: .seconds(60))
    desk.budget.refused(.write, advice, at: start)
    #expect(desk.budget.limits.writes == .init(2, per: .seconds(60)))
    #expect(desk.budget.limits.reads == nil)
    let times = departures(desk, .write, 5)
    #expect(times[2] - times[0] > .seconds(60) && times[4] - times[2] > .seconds(60))
    advice.rate = .init(100, per: .seconds(1))
    desk.budget.refused(.write, advice, at: start)
    #expect(desk.budget.limits.writes == .init(2, per: .seconds(60)))
  }

  @Test("What headers say")
  func headers() {
    func advice(_ fields: [(String, String)]) -> RateAdvice {
      var headers = HTTPFields()
      for (name, value) in fields { headers[HTTPField.Name(name)!] = value }
      return RateAdvice(headers, now: start)
    }
    #expect(advice([("retry-after", "120")]).retryAfter == .seconds(120))
    #expect(advice([("Retry-After", "soon")]).retryAfter == nil)
    #expect(advice([("Retry-After", "1e99")]).retryAfter == nil)
    #expect(
      advice([
        ("Retry-After", "Sat, 21 Nov 2026 02:00:30 GMT"), ("Date", "Sat, 21 Nov 2026 02:00:00 GMT"),
      ]).retryAfter == .seconds(30))
    #expect(
      advice([("X-RateLimit-Limit", "100"), ("X-RateLimit-Period", "1h")]).rate
        == .init(100, per: .seconds(3600)))
    #expect(advice([("X-RateLimit-Limit", "0"), ("X-RateLimit-Period", "1h")]).rate == nil)
    #expect(advice([("X-RateLimit-Limit", "100")]).rate == nil)
    let periods: [(String, Duration?)] = [
      ("3600", .seconds(3600)), ("60 s", .seconds(60)), ("Hour", .seconds(3600)), ("1 Minute", .seconds(60)),
      ("PT1H", .seconds(3600)), ("daily", .seconds(86_400)), ("fortnight", nil), ("", nil), ("-1", nil),
      ("0", nil),
    ]
    for (text, period) in periods { #expect(RateAdvice.period(text) == period, "\(text)") }
  }

  @Test("Dates of headers")
  func dates() {
    #expect(HTTPDate.moment("Sun, 06 Nov 1994 08:49:37 GMT") == Moment(unixSeconds: 784_111_777 as Int64))
    for text in ["", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "a b c d e f"] {
      #expect(HTTPDate.moment(text) == nil, "\(text)")
    }
  }
}
