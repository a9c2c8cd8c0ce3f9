/// How long to wait until the next look: longer while nothing happens, shorter when something does, so that
/// the delay of a result is some part of the time between two of them.
struct PollInterval {
  static let shortest = Duration.seconds(2)
  static let longest = Duration.seconds(60)

  private(set) var current = shortest

  /// Something has been submitted: it may end soon, or right away.
  mutating func submitted() {
    current = max(Self.shortest, current / 2)
  }

  /// Jobs have ended since the last look, or not.
  mutating func looked(sawEnds: Bool) {
    if sawEnds {
      current = max(Self.shortest, current * 3 / 4)
    } else {
      current = min(Self.longest, current * 3 / 2)
    }
  }

  /// Nothing is watched any more, so nothing is known of what comes next.
  mutating func reset() {
    current = Self.shortest
  }
}
