import Clock
import HTTPTypes

/// What a refusal under HTTP 429 says of when to come back.
struct RateAdvice: Equatable {
  var retryAfter: Duration?
  var rate: RateLimits.Rate?

  init() {}

  /// Reads `Retry-After`, `X-RateLimit-Limit` and `X-RateLimit-Period`.
  init(_ fields: HTTPFields, now: Moment) {
    if let text = fields[.retryAfter] {
      if let seconds = Self.number(text) {
        retryAfter = .nanoseconds(Int64(min(max(seconds, 0), 1e9) * 1e9))
      } else if let moment = HTTPDate.moment(text) {
        // By the server's own clock, where it tells that, too.
        retryAfter = moment - (fields[.date].flatMap(HTTPDate.moment) ?? now)
      }
    }
    if let limit = fields[.rateLimit].flatMap(Self.number), limit >= 1,
      let period = fields[.ratePeriod].flatMap(Self.period)
    {
      rate = RateLimits.Rate(Int(min(limit, 1e9)), per: period)
    }
  }

  /// `3600`, `3600s`, `60 m`, `1h`, `hour`, `1 Hour`, `PT1H`.
  static func period(_ text: String) -> Duration? {
    var text = text.lowercased().filter { !$0.isWhitespace }[...]
    if text.hasPrefix("pt") { text = text.dropFirst(2) }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let count = digits.isEmpty ? 1 : Double(digits), count > 0, count <= 1e9 else { return nil }
    let unit = text.dropFirst(digits.count)
    let seconds: Double? =
      switch unit {
      case "": digits.isEmpty ? nil : 1
      case "ms": 0.001
      case "s", "sec", "second", "seconds": 1
      case "m", "min", "minute", "minutes": 60
      case "h", "hour", "hours", "hourly": 3600
      case "d", "day", "days", "daily": 86_400
      default: nil
      }
    guard let seconds, count * seconds <= 1e9 else { return nil }
    return .nanoseconds(Int64(count * seconds * 1e9))
  }

  private static func number(_ text: String) -> Double? {
    let text = text.filter { !$0.isWhitespace }
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
    return Double(text)
  }
}

extension HTTPField.Name {
  // Valid names, so there are such.
  static let rateLimit = HTTPField.Name("X-RateLimit-Limit")!
  static let ratePeriod = HTTPField.Name("X-RateLimit-Period")!
}
