/// How a time zone goes on after the last change that its file lists: the text in the form of the variable TZ
/// that closes the file, such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1, and RFC 9636 for hours beyond a day).
struct ZoneRule: Hashable, Sendable {
  /// A day of any year.
  private enum Day: Hashable {
    /// 1 to 365; the 29th of February has no number.
    case julian(Int)
    /// 0 to 365.
    case ordinal(Int)
    /// The `week`th such weekday of the month; 5 is the last.
    case weekday(month: Int, week: Int, weekday: Int)
  }

  private struct Change: Hashable {
    var day: Day
    /// Seconds of the clock on the wall, from the midnight that the day begins with.
    var time: Int
  }

  private struct Summer: Hashable {
    /// Seconds east of Greenwich.
    var offset: Int
    var begins: Change
    var ends: Change
  }

  /// Seconds east of Greenwich.
  private let offset: Int
  private let summer: Summer?

  /// Nil for a text of another form.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard Self.skipName(&rest), let west = Self.time(&rest) else { return nil }
    offset = -west
    guard !rest.isEmpty else {
      summer = nil
      return
    }
    guard Self.skipName(&rest) else { return nil }
    var summerOffset = offset + 3600
    if let first = rest.first, first != UInt8(ascii: ",") {
      guard let west = Self.time(&rest) else { return nil }
      summerOffset = -west
    }
    guard let begins = Self.change(&rest), let ends = Self.change(&rest), rest.isEmpty else { return nil }
    summer = Summer(offset: summerOffset, begins: begins, ends: ends)
  }

  /// Seconds east of Greenwich at so many seconds since 1970.
  func offset(at seconds: Int) -> Int {
    guard let summer else { return offset }
    let local = seconds + offset
    let year = CalendarDay(number: (local >= 0 ? local : local - 86_399) / 86_400).year
    let begins = Self.seconds(summer.begins, year) - offset
    let ends = Self.seconds(summer.ends, year) - summer.offset
    let isSummer =
      begins < ends ? (begins..<ends).contains(seconds) : !(ends..<begins).contains(seconds)
    return isSummer ? summer.offset : offset
  }

  /// The change in `year` by the clock on the wall, as if that were Greenwich's.
  private static func seconds(_ change: Change, _ year: Int) -> Int {
    let january = CalendarDay(year: year, month: 1, day: 1).number
    let day: Int
    switch change.day {
    case .ordinal(let number): day = january + number
    case .julian(let number):
      let isLeap = CalendarDay(year: year, month: 3, day: 1).number - january == 60
      day = january + number - (isLeap && number >= 60 ? 0 : 1)
    case .weekday(let month, let week, let weekday):
      let first = CalendarDay(year: year, month: month, day: 1)
      var found = first.number + (weekday - first.dayOfWeek + 7) % 7 + (week - 1) * 7
      let next = CalendarDay(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1).number
      if found >= next { found -= 7 }
      day = found
    }
    return day * 86_400 + change.time
  }

  // MARK: Reading

  private static func skipName(_ rest: inout ArraySlice<UInt8>) -> Bool {
    if rest.first == UInt8(ascii: "<") {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[(end + 1)...]
      return true
    }
    let name = rest.prefix { (65...90) ~= $0 || (97...122) ~= $0 }
    rest = rest.dropFirst(name.count)
    return name.count >= 3
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix { (48...57) ~= $0 }
    guard (1...3) ~= digits.count else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  private static func take(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  private static func time(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let isNegative = take("-", &rest)
    if !isNegative { _ = take("+", &rest) }
    guard let hours = number(&rest) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] {
      guard take(":", &rest) else { break }
      guard let part = number(&rest) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }

  /// `,day[/time]`
  private static func change(_ rest: inout ArraySlice<UInt8>) -> Change? {
    guard take(",", &rest) else { return nil }
    let day: Day
    if take("M", &rest) {
      guard let month = number(&rest), (1...12) ~= month, take(".", &rest), let week = number(&rest),
        (1...5) ~= week, take(".", &rest), let weekday = number(&rest), weekday < 7
      else { return nil }
      day = .weekday(month: month, week: week, weekday: weekday)
    } else if take("J", &rest) {
      guard let number = number(&rest), (1...365) ~= number else { return nil }
      day = .julian(number)
    } else {
      guard let number = number(&rest), number < 366 else { return nil }
      day = .ordinal(number)
    }
    guard take("/", &rest) else { return Change(day: day, time: 2 * 3600) }
    guard let time = time(&rest) else { return nil }
    return Change(day: day, time: time)
  }
}
