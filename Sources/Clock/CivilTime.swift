internal import Glibc

/// A date and a time of day as the machine's own time zone has it (TZ, else /etc/localtime).
public struct CivilTime: Hashable, Sendable {
  public var year: Int
  public var month: Int
  public var day: Int
  public var hour: Int
  public var minute: Int
  public var second: Int
  /// 0 for Sunday … 6 for Saturday.
  public var dayOfWeek: Int

  public static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  public var weekday: String { Self.weekdays[dayOfWeek] }

  /// `moment` in the machine's time zone.
  public init(_ moment: Moment) {
    var seconds = time_t(moment.unixSeconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    self.init(parts)
  }

  fileprivate init(_ parts: tm) {
    year = Int(parts.tm_year) + 1900
    month = Int(parts.tm_mon) + 1
    day = Int(parts.tm_mday)
    hour = Int(parts.tm_hour)
    minute = Int(parts.tm_min)
    second = Int(parts.tm_sec)
    dayOfWeek = Int(parts.tm_wday)
  }

  /// `2026-11-21`
  public var date: String { "\(year)-\(two(month))-\(two(day))" }
  /// `22:04:05`
  public var time: String { "\(two(hour)):\(two(minute)):\(two(second))" }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The moment of `2026-11-21`, `2026-11-21T22:00`, `2026-11-21 22:00:30`, in the machine's time zone or,
  /// with a `Z` or `+01:00` at the end, at that offset.
  ///
  /// - Returns: nil where the text is no such date, or names a day that does not exist.
  public static func moment(_ text: String) -> Moment? {
    var rest = text[...]
    func number(_ digits: Int) -> Int? {
      let part = rest.prefix(digits)
      guard part.count == digits, part.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
      rest = rest.dropFirst(digits)
      return Int(part)
    }
    func take(_ characters: Set<Character>) -> Bool {
      guard let first = rest.first, characters.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), take(["-"]), let month = number(2), take(["-"]), let day = number(2) else {
      return nil
    }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
    if take(["T", "t", " "]) {
      guard let hour = number(2), take([":"]), let minute = number(2), hour < 24, minute < 60 else {
        return nil
      }
      (parts.tm_hour, parts.tm_min) = (Int32(hour), Int32(minute))
      if take([":"]) {
        guard let second = number(2), second < 60 else { return nil }
        parts.tm_sec = Int32(second)
      }
    }
    var offset: Int?
    if take(["Z", "z"]) {
      offset = 0
    } else if let sign = rest.first, "+-".contains(sign) {
      rest = rest.dropFirst()
      guard let hours = number(2) else { return nil }
      _ = take([":"])
      guard let minutes = rest.isEmpty ? 0 : number(2) else { return nil }
      offset = (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
    guard rest.isEmpty else { return nil }
    parts.tm_isdst = -1
    let seconds = offset == nil ? mktime(&parts) : timegm(&parts)
    guard parts.tm_mon == month - 1, parts.tm_mday == day else { return nil }
    return Moment(unixSeconds: Int64(seconds - (offset ?? 0)))
  }
}

extension Moment {
  /// `2026-11-21T22:00:00Z`
  public var iso8601: String {
    var seconds = time_t(unixSeconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let civil = CivilTime(parts)
    return "\(civil.date)T\(civil.time)Z"
  }
}
