import Clock
import Synchronization
import Testing

@Suite("A virtual clock jumps when nobody holds it")
struct VirtualClockTests {
  private let start = Moment(unixSeconds: Int64(1000))

  @Test("Timers fire in order of their deadlines, those of one deadline in order of their scheduling")
  func order() {
    let clock = VirtualClock(start: start)
    let log = Log()
    clock.hold()
    for (name, seconds) in [("c", 3), ("a", 1), ("b1", 2), ("b2", 2)] {
      clock.schedule(at: start + .seconds(seconds)) {
        log.add("\(name)@\(clock.now.unixSeconds)")
        clock.release()
      }
    }
    #expect(log.text == "")
    clock.release()
    #expect(log.text == "a@1001 b1@1002 b2@1002 c@1003")
  }

  @Test("A timer waits until what the one before set going has come to rest")
  func oneAtATime() {
    let clock = VirtualClock(start: start)
    let log = Log()
    clock.hold()
    clock.schedule(at: start + .seconds(1)) { log.add("first") }
    clock.schedule(at: start + .seconds(2)) {
      log.add("second")
      clock.release()
    }
    clock.release()
    #expect(log.text == "first")
    clock.release()
    #expect(log.text == "first second")
  }

  @Test("A timer that was taken back never fires")
  func cancelling() {
    let clock = VirtualClock(start: start)
    let log = Log()
    clock.hold()
    let timer = clock.schedule(at: start + .seconds(1)) {
      log.add("fired")
      clock.release()
    }
    #expect(clock.cancel(timer))
    #expect(!clock.cancel(timer))
    clock.release()
    #expect(log.text == "")
    #expect(clock.now == start)
  }

  @Test("A thousand tasks sleep and wake in order; none wakes early")
  func sleeping() async throws {
    let clock = VirtualClock(start: start)
    let start = start
    clock.hold()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<1000 {
        clock.hold()
        group.addTask {
          defer { clock.release() }
          for round in 1...5 {
            try await clock.sleep(for: .seconds(index % 7 + 1))
            #expect(clock.now == start + .seconds((index % 7 + 1) * round))
          }
        }
      }
      clock.release()
      try await group.waitForAll()
    }
    #expect(clock.now == start + .seconds(35))
  }

  @Test("A cancelled sleeper wakes at once, with an error and a hold of its own")
  func cancelledSleep() async throws {
    let clock = VirtualClock(start: start)
    clock.hold()  // so that the clock does not jump
    clock.hold()
    let sleeper = Task {
      defer { clock.release() }
      try await clock.sleep(for: .seconds(60))
    }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    #expect(clock.now == start)
    clock.release()
  }

  @Test("One answer reaches its waiter, in whichever order they come")
  func oneAnswer() async {
    let clock = VirtualClock(start: start)
    clock.hold()
    let early = OneAnswer<Int>(clock)
    early.give(7)
    early.give(8)
    #expect(await early.value() == 7)
    let late = OneAnswer<Int>(clock)
    clock.schedule(at: start + .seconds(5)) {
      late.give(9)
      clock.release()
    }
    #expect(await late.value() == 9)
    #expect(clock.now == start + .seconds(5))
  }
}

@Suite("The system's clock")
struct SystemClockTests {
  @Test("fires a timer no sooner than its deadline, and forgets one taken back")
  func timers() async {
    let clock = SystemClock()
    let log = Log()
    let never = clock.schedule(at: clock.now + .seconds(3600)) { log.add("never") }
    #expect(clock.cancel(never))
    let start = clock.now
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      clock.schedule(at: start + .milliseconds(10)) {
        log.add("first")
        clock.schedule(at: clock.now + .milliseconds(10)) {
          log.add("second")
          done.resume()
        }
      }
    }
    #expect(log.text == "first second")
    #expect(clock.now >= start + .milliseconds(20))
  }
}

@Suite("Durations and dates as people write them")
struct TextTests {
  @Test(arguments: [
    ("90s", 90.0), ("15m", 900), ("1h30m", 5400), ("6h", 21600), ("2d", 172_800), ("250ms", 0.25),
    ("1.5h", 5400),
    ("45", 45), ("0s", 0),
  ])
  func durations(_ text: String, _ seconds: Double) {
    #expect(DurationText.parse(text)?.inSeconds == seconds)
  }

  @Test(arguments: ["", "h", "5x", "-1s", "1h30", "s5", "1..5s", "1 h", "999999999999d"])
  func noDurations(_ text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test(arguments: [
    (0.042, "42ms"), (42, "42s"), (365, "6m 05s"), (25_920, "7h 12m"), (183_600, "2d 3h"), (59.7, "1m 00s"),
  ])
  func short(_ seconds: Double, _ text: String) {
    #expect(DurationText.short(.nanoseconds(Int64(seconds * 1e9))) == text)
  }

  @Test(arguments: [
    ("2026-11-21T22:00:00Z", "2026-11-21T22:00:00Z"), ("2026-11-21 22:00:30+01:30", "2026-11-21T20:30:30Z"),
    ("2026-02-28T23:59Z", "2026-02-28T23:59:00Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
  ])
  func moments(_ text: String, _ iso: String) {
    #expect(CivilTime.moment(text)?.iso8601 == iso)
  }

  @Test(arguments: [
    "", "tonight", "2026-13-01", "2026-02-30", "2026-11-21T25:00", "2026-11-21T22:60", "2026-11-21T22:00x",
    "2026-1-1", "2026-11-21T", "2026-11-21T22:00+",
  ])
  func noMoments(_ text: String) {
    #expect(CivilTime.moment(text) == nil)
  }
}

/// Words in the order in which they were said, from any thread.
private final class Log: Sendable {
  private let words = Mutex<[String]>([])
  func add(_ word: String) { words.withLock { $0.append(word) } }
  var text: String { words.withLock { $0.joined(separator: " ") } }
}

@Suite("A clock that runs faster")
struct ScaledClockTests {
  @Test("Timers fire in order, when its own time has come", .timeLimit(.minutes(20)))
  func timers() async throws {
    let clock = ScaledClock(speed: 3600)
    let start = clock.now
    try await clock.sleep(for: .seconds(600))
    #expect(clock.now - start >= .seconds(600))
  }

  @Test("It may begin at another time than the machine's, and its timers with it", .timeLimit(.minutes(20)))
  func start() async throws {
    let start = Moment(unixSeconds: 4_000_000_000 as Int64)
    let clock = ScaledClock(speed: 3600, start: start)
    #expect(clock.now >= start)
    try await clock.sleep(until: start + .seconds(60))
    #expect(clock.now >= start + .seconds(60))
  }

  @Test("A timer that is taken back does not fire")
  func cancelling() {
    let clock = ScaledClock(speed: 10)
    let timer = clock.schedule(at: .distantFuture) {}
    #expect(clock.cancel(timer))
    #expect(!clock.cancel(timer))
  }
}
