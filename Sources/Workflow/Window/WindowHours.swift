public import Clock

/// A window in one night: the moments at which it opens and closes.
///
/// A time that clocks pass over that night is the first moment after it, one that they show twice is the first,
/// so that every window opens once and closes once.
public struct WindowHours: Sendable {
  /// What a window says of one moment.
  public enum Standing: Hashable, Sendable {
    /// What is sent now or until then is inside; nil for no end.
    case open(until: Moment?)
    /// It opens then; why it is closed, for people.
    case closed(until: Moment, String)
    /// It does not open any more this night; why.
    case over(String)
  }

  private struct Pause {
    let hours: Range<Moment>
    let text: String
  }

  public let window: Window
  public let opens: Moment?
  /// The last moment at which something may be sent.
  public let closes: Moment?
  private let pauses: [Pause]
  /// Why nothing is submitted in the whole night.
  private let isOff: String?

  /// - Parameter night: the run's; where the window has a zone of its own, the night in that zone in which the
  ///   run first started.
  public init(_ window: Window, in night: Night) {
    self.window = window
    let (day, seconds) = window.zone.wallTime(at: night.start)
    let began = seconds < 43_200 ? CalendarDay(number: day.number - 1) : day
    func moment(_ time: TimeOfDay) -> Moment { window.zone.moment(began, time.minutesOfNight * 60) }
    opens = window.firstStart.map(moment)
    var closes = window.lastStart.map(moment)
    if let first = window.firstStart, let last = window.lastStart, let opens, closes == opens {
      // All of it lies in the hour that does not exist: it keeps its length.
      closes = opens + .seconds((last.minutesOfNight - first.minutesOfNight) * 60)
    }
    self.closes = closes
    var pauses: [Pause] = []
    var isOff: String?
    for blackout in window.blackouts {
      switch blackout {
      case .hours(let from, let to):
        let hours = moment(from)..<moment(to)
        if !hours.isEmpty {
          pauses.append(Pause(hours: hours, text: "blackout from \(from.text) to \(to.text)"))
        }
      case .nights(let first, let last):
        if (first...last).contains(began) { isOff = "the night of \(began.text) is a blackout" }
      }
    }
    self.pauses = pauses
    self.isOff = isOff
  }

  /// - Parameter late: last_start does not count (`--submit-late`).
  public func standing(at now: Moment, late: Bool = false) -> Standing {
    if let isOff { return .over(isOff) }
    let closes = late ? nil : self.closes
    let last = window.lastStart.map { window.text("last_start", $0) } ?? ""
    if let closes, now > closes { return .over("\(last) has passed") }
    if let opens, now < opens, let first = window.firstStart {
      return .closed(until: opens, window.text("first_start", first))
    }
    if let pause = pauses.first(where: { $0.hours.contains(now) }) {
      let end = pause.hours.upperBound
      if let closes, end > closes { return .over("the \(pause.text) lasts beyond \(last)") }
      return .closed(until: end, pause.text)
    }
    let next = pauses.map(\.hours.lowerBound).filter { $0 > now }.min().map { $0 - .nanoseconds(1) }
    return .open(until: [closes, next].compactMap { $0 }.min())
  }
}
