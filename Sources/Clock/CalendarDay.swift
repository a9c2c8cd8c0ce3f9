/// A day of the Gregorian calendar, wherever that is.
public struct CalendarDay: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public let number: Int

  public init(number: Int) { self.number = number }

  /// - Parameters:
  ///   - month: from 1.
  ///   - day: of the month, from 1. One that the month does not have runs on into the next.
  public init(year: Int, month: Int, day: Int) {
    // Years that begin in March have the leap day at their end; 400 of them are always 146097 days.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = era * 146_097 + dayOfEra - 719_468
  }

  /// The day that a text such as `2026-12-24` names; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (48...57) ~= $0 } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1...12) ~= month
    else { return nil }
    self.init(year: year, month: month, day: day)
    guard day > 0, self.day == day else { return nil }
  }

  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  public var year: Int { civil.year }
  public var month: Int { civil.month }
  /// Of the month, from 1.
  public var day: Int { civil.day }
  /// 0 for Sunday … 6 for Saturday.
  public var dayOfWeek: Int { ((number + 4) % 7 + 7) % 7 }

  /// `2026-12-24`
  public var text: String {
    let (year, month, day) = civil
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month))-\(two(day))"
  }

  private var civil: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
