/// The machine's own clock made faster: from its start on, each second of it takes a part of a second. It may
/// begin at another time than the machine's.
///
/// As on a ``SystemClock``, holds mean nothing.
public final class ScaledClock: RunClock {
  private let base = SystemClock()
  private let start: Moment
  /// The machine's time at ``start``.
  private let realStart: Moment
  private let speed: Double

  /// - Parameters:
  ///   - speed: how many of its seconds pass in one of the machine's; more than zero.
  ///   - start: what it shows first; nil is the machine's own time.
  public init(speed: Double, start: Moment? = nil) {
    precondition(speed > 0 && speed.isFinite, "a clock cannot run \(speed) times as fast")
    self.speed = speed
    realStart = base.now
    self.start = start ?? realStart
  }

  public var now: Moment { start + Self.scale(base.now - realStart, by: speed) }

  public func hold() {}

  public func release() {}

  @discardableResult
  public func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    guard deadline != .distantFuture else { return base.schedule(at: deadline, fire) }
    return base.schedule(at: realStart + Self.scale(deadline - start, by: 1 / speed), fire)
  }

  @discardableResult
  public func cancel(_ timer: TimerID) -> Bool { base.cancel(timer) }

  /// Saturates at some 290 years, so that a very long time means "never".
  private static func scale(_ duration: Duration, by factor: Double) -> Duration {
    let nanoseconds = Double(duration.wholeNanoseconds) * factor
    return .nanoseconds(Int64(max(-9.2e18, min(9.2e18, nanoseconds.rounded(.up)))))
  }
}
