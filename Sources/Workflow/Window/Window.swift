public import Clock

/// When a run may submit: `run.window{ … }`.
///
/// Its times belong to the run's night, which goes from noon to noon: 22:00 is the evening on which it began,
/// 05:00 the morning after.
public struct Window: Hashable, Sendable {
  /// What becomes of jobs that have not begun when the window closes.
  public enum StillQueued: String, CaseIterable, Sendable {
    case leave, kill
  }

  /// Times at which nothing is submitted.
  public enum Blackout: Hashable, Sendable {
    /// Of each night: from the first up to, and without, the second.
    case hours(from: TimeOfDay, to: TimeOfDay)
    /// Whole nights, by the day on which they began; the last one too.
    case nights(from: CalendarDay, to: CalendarDay)
  }

  /// Before it a submit waits.
  public var firstStart: TimeOfDay?
  /// After it nothing is submitted any more.
  public var lastStart: TimeOfDay?
  /// Where clocks show these times.
  public var zone = Zone.machine
  public var stillQueued = StillQueued.leave
  public var blackouts: [Blackout] = []

  public init() {}

  /// `last_start 05:00 (Europe/Berlin)`
  func text(_ name: String, _ time: TimeOfDay) -> String {
    "\(name) \(time.text)" + (zone.name.map { " (\($0))" } ?? "")
  }
}
