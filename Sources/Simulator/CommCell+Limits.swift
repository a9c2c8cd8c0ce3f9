import Clock
import HTTPTypes

extension CommCell {
  /// Counts a request that has come to the server.
  ///
  /// - Returns: nil where it is within the limits; else the refusal.
  mutating func overLimit(_ request: HTTPRequest, _ route: Route?, at now: Moment) -> Answer? {
    // Whether anybody is there may always be asked.
    if route == .root { return nil }
    let isWrite =
      switch route {
      case .jobs: settings.jobListsAreWrites
      case .jobDetails, .whoAmI: false
      default: request.method != .get
      }
    let counter = isWrite ? \CommCell.writes : \.reads
    guard let time = self[keyPath: counter].take(at: now), let limit = self[keyPath: counter].limit else {
      return nil
    }
    return tooManyRequests(limit, per: HourlyCounter.hour, retryAfter: time)
  }

  /// A refusal under HTTP 429. It tells times as a client's clock has them.
  func tooManyRequests(_ limit: Int, per period: Duration, retryAfter time: Duration) -> Answer {
    var answer = Answer.error(.tooManyRequests, 429, "The limit of requests has been reached.")
    let seconds = max(1, (time.inSeconds / settings.clockSpeed).rounded(.up))
    let length = period.inSeconds / settings.clockSpeed
    answer.fields[.retryAfter] = String(Int64(seconds))
    answer.fields[.rateLimit] = String(limit)
    answer.fields[.ratePeriod] = length == length.rounded() ? String(Int64(length)) : "\(length)"
    answer.fields[.rateRemaining] = "0"
    return answer
  }
}

extension HTTPField.Name {
  // Valid names, so there are such.
  fileprivate static let rateLimit = HTTPField.Name("X-RateLimit-Limit")!
  fileprivate static let ratePeriod = HTTPField.Name("X-RateLimit-Period")!
  fileprivate static let rateRemaining = HTTPField.Name("X-RateLimit-Remaining")!
}
