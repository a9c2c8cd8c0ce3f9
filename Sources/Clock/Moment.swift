/// An instant of civil time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Sixty-four bits reach to the year 2262.
public struct Moment: Hashable, Comparable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// - Parameter unixSeconds: seconds since 1970-01-01T00:00:00Z.
  public init(unixSeconds: Double) {
    self.nanoseconds = Int64((unixSeconds * 1e9).rounded())
  }

  /// - Parameter unixSeconds: seconds since 1970-01-01T00:00:00Z.
  public init(unixSeconds: Int64) {
    self.nanoseconds = unixSeconds * 1_000_000_000
  }

  /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
  public var unixSeconds: Int64 {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Later than any moment that a clock here reaches.
  public static let distantFuture = Moment(nanoseconds: .max)

  public static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Saturates at ``distantFuture``, so that a very long duration means "never".
  public static func + (moment: Moment, duration: Duration) -> Moment {
    let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return Moment(nanoseconds: overflow ? .max : sum)
  }

  public static func - (moment: Moment, duration: Duration) -> Moment {
    Moment(nanoseconds: moment.nanoseconds - duration.wholeNanoseconds)
  }

  public static func - (later: Moment, earlier: Moment) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }
}

extension Duration {
  /// The duration in nanoseconds, saturating at ±292 years.
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds > 0 ? .max : .min }
    let (sum, overflowOfSum) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowOfSum ? (seconds > 0 ? .max : .min) : sum
  }

  /// The duration in seconds.
  public var inSeconds: Double {
    Double(wholeNanoseconds) / 1e9
  }
}
