import Glibc
import Synchronization

/// The machine's own clock. Holds mean nothing to it.
///
/// Timers count on the monotonic clock from the moment they are scheduled, so that a stepped wall clock
/// neither fires nor delays them. One thread serves them all; it starts with the first timer.
public final class SystemClock: RunClock {
  private struct State {
    var timers = TimerQueue()
    var hasThread = false
  }

  private let state = Mutex(State())
  private let wake = Wake()

  public init() {}

  public var now: Moment { Self.read(CLOCK_REALTIME) }

  public func hold() {}

  public func release() {}

  @discardableResult
  public func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    let monotonic = deadline == .distantFuture ? deadline : Self.read(CLOCK_MONOTONIC) + (deadline - now)
    let (timer, isFirst, needsThread) = state.withLock { state in
      let before = state.timers.nextDeadline
      let timer = state.timers.insert(at: monotonic, fire)
      let needsThread = !state.hasThread
      state.hasThread = true
      return (timer, before.map { monotonic < $0 } ?? true, needsThread)
    }
    if needsThread { startThread() }
    if isFirst { wake.signal() }
    return timer
  }

  @discardableResult
  public func cancel(_ timer: TimerID) -> Bool {
    state.withLock { $0.timers.remove(timer) }
  }

  private func startThread() {
    let work = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        // Balanced by passRetained above: a clock lives as long as its thread, which is for good.
        Unmanaged<SystemClock>.fromOpaque(argument!).takeRetainedValue().serve()
        return nil
      }, work.toOpaque())
    precondition(status == 0, "no thread could be started for the clock: error \(status)")
    pthread_detach(thread)
  }

  private func serve() {
    while true {
      let (fire, next) = state.withLock { state -> ((@Sendable () -> Void)?, Moment?) in
        if let timer = state.timers.popFirst(notAfter: Self.read(CLOCK_MONOTONIC)) {
          return (timer.fire, nil)
        }
        return (nil, state.timers.nextDeadline)
      }
      if let fire {
        fire()
      } else {
        wake.wait(until: next)
      }
    }
  }

  private static func read(_ clock: clockid_t) -> Moment {
    var time = timespec()
    clock_gettime(clock, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// A condition that remembers one signal.
private final class Wake: @unchecked Sendable {
  // Sendable: the pthread objects are made for use from any thread, never move (the class owns their
  // memory), and `isSignalled` is touched under the mutex only.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isSignalled = false

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func signal() {
    pthread_mutex_lock(mutex)
    isSignalled = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Returns when signalled, or at `deadline` of the monotonic clock.
  func wait(until deadline: Moment?) {
    pthread_mutex_lock(mutex)
    while !isSignalled {
      if let deadline, deadline != .distantFuture {
        var time = timespec(
          tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
          tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        if pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT { break }
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
    isSignalled = false
    pthread_mutex_unlock(mutex)
  }
}
