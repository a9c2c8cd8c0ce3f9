import Clock

/// When to tell that submits wait long for their turn.
struct Forecast {
  /// How long after the first one that waits.
  static let patience = Duration.seconds(10)
  /// A shorter wait is not worth a word.
  private static let notice = Duration.seconds(300)
  /// By how much a wait must have grown to be told of again.
  private static let growth = Duration.seconds(3600)

  private var isPlanned = false
  private var told: Moment?

  /// - Returns: whether a look has to be planned; false where there is one.
  mutating func plan() -> Bool {
    defer { isPlanned = true }
    return !isPlanned
  }

  /// The look that was planned.
  ///
  /// - Parameter last: when the last of those that wait goes out.
  mutating func isWorthTelling(waiting: Int, last: Moment, now: Moment) -> Bool {
    isPlanned = false
    guard waiting > 0, last - now >= Self.notice, told.map({ last - $0 >= Self.growth }) ?? true else {
      return false
    }
    told = last
    return true
  }
}
