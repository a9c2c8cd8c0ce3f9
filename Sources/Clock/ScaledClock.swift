/// The machine's own clock made faster: from its start on, each second of it takes a part of a second.
///
/// As on a ``SystemClock``, holds mean nothing.
public final class ScaledClock: RunClock {
  private let base = SystemClock()
  private let start: Moment
  private let speed: Double

  /// - Parameter speed: how many of its seconds pass in one of the machine's; more than zero.
  public init(speed: Double) {
    precondition(speed > 0 && speed.isFinite, "a clock cannot run \(speed) times as fast")
    self.speed = speed
    start = base.now
  }

  public var now: Moment { start + Self.scale(base.now - start, by: speed) }

  public func hold() {}

  public func release() {}

  @discardableResult
  public func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    guard deadline != .distantFuture else { return base.schedule(at: deadline, fire) }
    return base.schedule(at: start + Self.scale(deadline - start, by: 1 / speed), fire)
  }

  @discardableResult
  public func cancel(_ timer: TimerID) -> Bool { base.cancel(timer) }

  /// Saturates at some 290 years, so that a very long time means "never".
  private static func scale(_ duration: Duration, by factor: Double) -> Duration {
    let nanoseconds = Double(duration.wholeNanoseconds) * factor
    return .nanoseconds(Int64(max(-9.2e18, min(9.2e18, nanoseconds.rounded(.up)))))
  }
}
