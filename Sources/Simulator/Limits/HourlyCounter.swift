import Clock

/// Counts requests of one kind in an hour that slides along, and refuses what is above a limit.
struct HourlyCounter {
  static let hour = Duration.seconds(3600)

  let limit: Int?
  private(set) var mostInAnHour = 0
  private(set) var refused = 0
  /// The requests of the last hour that were taken, by when, oldest first.
  private var taken: [(at: Moment, count: Int)] = []
  private var first = 0
  private var sum = 0

  init(limit: Int?) { self.limit = limit }

  /// Counts a request.
  ///
  /// - Returns: nil where there is room for it; else how long until there is.
  mutating func take(at now: Moment) -> Duration? {
    while first < taken.count, now - taken[first].at >= Self.hour {
      sum -= taken[first].count
      first += 1
    }
    if let limit, sum >= limit {
      refused += 1
      return taken[first].at + Self.hour - now
    }
    // Where nothing is refused, seconds are exact enough, and keep a busy hour short.
    let mark = limit == nil ? Moment(unixSeconds: now.unixSeconds) : now
    if taken.count > first, taken[taken.count - 1].at == mark {
      taken[taken.count - 1].count += 1
    } else {
      taken.append((mark, 1))
    }
    sum += 1
    mostInAnHour = max(mostInAnHour, sum)
    if first > 1024, first > taken.count / 2 {
      taken.removeFirst(first)
      first = 0
    }
    return nil
  }
}
