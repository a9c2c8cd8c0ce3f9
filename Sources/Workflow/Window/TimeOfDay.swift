/// A time of day as clocks on the wall show it, to the minute: `05:00`.
public struct TimeOfDay: Hashable, Sendable {
  /// Minutes since midnight, 0 to 1439.
  public let minutes: Int

  /// The time that a text such as `05:00` names; nil where it names none.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (48...57) ~= $0 } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    minutes = hour * 60 + minute
  }

  /// `05:00`
  public var text: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// Minutes since the midnight that a night's first half ends with; before noon is the morning after.
  var minutesOfNight: Int { minutes < 720 ? minutes + 1440 : minutes }
}
