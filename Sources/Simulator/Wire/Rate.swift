import Clock

/// So many requests in so long: `100/h`.
struct Rate: Hashable, Sendable {
  let limit: Int
  let period: Duration

  private static let periods: [(name: String, seconds: Int64)] = [
    ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
  ]

  /// - Returns: nil where `text` is no `N/s`, `N/m`, `N/h` or `N/d`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let limit = Int(parts[0]), limit > 0,
      let period = Self.periods.first(where: { $0.name == parts[1] })
    else { return nil }
    self.limit = limit
    self.period = .seconds(period.seconds)
  }
}

/// Counts requests against a rate, in windows that begin with their first request.
struct RateWindow {
  private var began: Moment?
  private var count = 0

  /// Counts a request.
  ///
  /// - Returns: nil where there is room for it; else how long until there is.
  mutating func take(_ rate: Rate, at now: Moment) -> Duration? {
    if began.map({ now - $0 >= rate.period }) ?? true {
      began = now
      count = 0
    }
    guard count >= rate.limit, let began else {
      count += 1
      return nil
    }
    return began + rate.period - now
  }
}
