import Clock

/// A date as HTTP headers have it: `Sat, 21 Nov 2026 02:00:00 GMT`.
enum HTTPDate {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// - Returns: nil where the text is no such date. The day of the week is not looked at.
  static func moment(_ text: String) -> Moment? {
    let parts = text.lowercased().split(whereSeparator: { $0 == " " || $0 == "," })
    guard parts.count == 6, parts[5] == "gmt" || parts[5] == "utc", let day = Int(parts[1]),
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
      (1970...2200).contains(year), (1...31).contains(day)
    else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return CivilTime.moment("\(year)-\(two(month + 1))-\(two(day))T\(parts[4])Z")
  }
}
