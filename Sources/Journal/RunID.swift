public import Clock
internal import Glibc

/// Names a run: `20261121-2200-k3f9`. Short, easy to say on the phone, and sorts by the time of its start.
///
/// The time is UTC, so that names sort rightly over a change of the clocks.
public struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Parameter text: a name as ``description`` gives it; whether there is such a run, the store knows.
  public init(_ text: String) { description = text }

  /// A name for a run that starts at `start`.
  ///
  /// - Parameter random: where the last four characters come from; a simulated run gives its seeded source.
  public init(startingAt start: Moment, using random: inout some RandomNumberGenerator) {
    var seconds = time_t(start.unixSeconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))"
    let suffix = (0..<4).map { _ in Self.letters.randomElement(using: &random)! }
    description = "\(day)-\(two(parts.tm_hour))\(two(parts.tm_min))-\(String(suffix))"
  }

  /// No vowels, so that no word comes out; nothing that reads like something else.
  private static let letters = Array("23456789bcdfghjkmnpqrstvwxz")

  public static func < (left: RunID, right: RunID) -> Bool { left.description < right.description }
}
