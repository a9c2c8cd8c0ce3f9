import Clock

/// When requests of one kind may go out: never more than so many in any period, however the server counts.
struct SlidingWindow {
  private(set) var rate: RateLimits.Rate?
  /// The server does not want any before this moment.
  private(set) var closedUntil: Moment?
  /// When those went out that still count, the oldest first.
  private var sent: [Moment] = []
  private var first = 0

  init(_ rate: RateLimits.Rate?) { self.rate = rate }

  /// From when on the next one may go out; in the past where it may now.
  var opening: Moment { opening(sent[first...]) }

  mutating func note(at now: Moment) {
    guard let rate else { return }
    sent.append(now)
    // Nobody asks for more than the last ones.
    first = max(first, sent.count - rate.requests)
    if first > 4096 && first > sent.count / 2 {
      sent.removeFirst(first)
      first = 0
    }
  }

  mutating func close(until moment: Moment) {
    closedUntil = max(closedUntil ?? moment, moment)
  }

  mutating func set(_ rate: RateLimits.Rate?) {
    guard rate != self.rate else { return }
    self.rate = rate
    first = max(0, sent.count - (rate?.requests ?? 0))
  }

  /// When the last of the next `count` goes out if all are ready at `now`.
  func departure(ofLast count: Int, now: Moment) -> Moment {
    guard count > 0 else { return now }
    guard let rate else { return max(now, closedUntil ?? now) }
    var times = Array(sent[first...])
    var last = now
    for _ in 0..<count {
      last = max(last, opening(times[max(0, times.count - rate.requests)...]))
      times.append(last)
    }
    return last
  }

  private func opening(_ times: ArraySlice<Moment>) -> Moment {
    let closed = closedUntil ?? Moment(nanoseconds: .min)
    guard let rate, times.count >= rate.requests else { return closed }
    return max(closed, times[times.endIndex - rate.requests] + rate.period + Self.margin(rate.period))
  }

  /// A request arrives some time after it was sent, and not each as late as the others.
  private static func margin(_ period: Duration) -> Duration { min(.seconds(2), period / 100) }
}
