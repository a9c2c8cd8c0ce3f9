/// Durations as people write them: `90s`, `15m`, `6h`, `1h30m`, `2d`, `250ms`.
public enum DurationText {
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ms", 1e6), ("d", 86_400e9), ("h", 3_600e9), ("m", 60e9), ("s", 1e9),
  ]

  /// - Returns: nil where `text` is not a duration. Parts stand in any order, each with its unit; a bare
  ///   number counts seconds.
  public static func parse(_ text: some StringProtocol) -> Duration? {
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      guard let number = Double(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      if rest.isEmpty && digits.endIndex == text.endIndex && digits.startIndex == text.startIndex {
        total = number * 1e9
        break
      }
      guard let unit = units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
      rest = rest.dropFirst(unit.name.count)
      total += number * unit.nanoseconds
    }
    guard total < 9.2e18 else { return nil }
    return .nanoseconds(Int64(total))
  }

  /// The duration in at most two units, for people: `42s`, `6m 05s`, `7h 12m`, `2d 3h`.
  public static func short(_ duration: Duration) -> String {
    let seconds = duration.inSeconds
    if seconds < 1 { return "\(Int((seconds * 1000).rounded()))ms" }
    let whole = Int(seconds.rounded())
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    switch whole {
    case ..<60: return "\(whole)s"
    case ..<3600: return "\(whole / 60)m \(two(whole % 60))s"
    case ..<86_400: return "\(whole / 3600)h \(two(whole % 3600 / 60))m"
    default: return "\(whole / 86_400)d \(whole % 86_400 / 3600)h"
    }
  }
}
