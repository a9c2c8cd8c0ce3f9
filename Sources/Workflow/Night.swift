public import Clock

/// The night that a run belongs to, from noon to noon: a run that starts at three in the morning belongs to
/// the night that began the evening before.
public struct Night: Hashable, Sendable {
  /// When the run first started; what a night is made from again when the run is resumed.
  public let start: Moment
  /// The day on which the night began; its time of day is noon.
  public let began: CivilTime

  /// - Parameter start: when the run first started.
  public init(start: Moment) {
    self.start = start
    var began = CivilTime(start)
    if began.hour < 12 { began = CivilTime(start - .seconds(12 * 3600)) }
    (began.hour, began.minute, began.second) = (12, 0, 0)
    self.began = began
  }

  /// `2026-11-21`
  public var date: String { began.date }
  /// `Saturday`
  public var weekday: String { began.weekday }
}
