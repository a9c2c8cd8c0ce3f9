import Clock
import CommandCenterAPI
import Testing

@testable import CommandCenter

@Suite("The watcher's state")
struct WatcherStateTests {
  private let evening = Moment(unixSeconds: 1_790_000_000 as Int64)
  private func at(_ seconds: Int64) -> Moment { evening + .seconds(seconds) }

  private func job(_ id: Int64, _ status: JobStatus, percent: Int64 = 0) -> JobSummary {
    var job = JobSummary(jobId: id, status: status)
    job.percentComplete = percent
    return job
  }

  /// Watches a fresh job, and nothing has been asked yet.
  private func watching(_ ids: Int64...) -> WatcherState {
    var state = WatcherState()
    for id in ids { _ = state.watch(id, submitted: evening, progress: nil, now: evening) }
    return state
  }

  @Test("Nobody waits, so there is no next look")
  func nobody() {
    var state = watching(1)
    #expect(state.nextLook == at(2))
    state.unwatch(1, progress: nil)
    #expect(state.nextLook == nil)
  }

  @Test("A look asks for what finished since the last one began")
  func since() {
    var state = watching(1)
    let first = state.look(now: at(2))
    #expect(first.finishedSince == evening)
    _ = state.finishedLook(start: at(2), now: at(3), sawEnds: false)
    let second = state.look(now: at(6))
    #expect(second.finishedSince == at(2))
  }

  @Test("A job submitted while a look was under way is covered by the next one")
  func during() {
    var state = watching(1)
    _ = state.look(now: at(10))
    _ = state.watch(2, submitted: at(9), progress: nil, now: at(11))
    _ = state.finishedLook(start: at(10), now: at(12), sawEnds: false)
    let look = state.look(now: at(20))
    #expect(look.finishedSince == at(9))
  }

  @Test("A look that failed is made up for by the next one")
  func failed() {
    var state = watching(1)
    _ = state.look(now: at(2))
    _ = state.finishedLook(start: at(2), now: at(2), sawEnds: false)
    let lost = state.look(now: at(5))
    let isTold = state.failedLook(lost, now: at(6))
    #expect(!isTold)
    let next = state.look(now: at(8))
    #expect(next.finishedSince == at(2))
  }

  @Test("The interval grows while nothing ends, up to a minute, and shrinks when something is submitted")
  func interval() {
    var state = watching(1)
    var now = evening
    for _ in 0..<20 {
      now = state.nextLook!
      _ = state.look(now: now)
      _ = state.finishedLook(start: now, now: now, sawEnds: false)
    }
    #expect(state.nextLook! - now == .seconds(60))
    for id in 2...9 as ClosedRange<Int64> { _ = state.watch(id, submitted: now, progress: nil, now: now) }
    #expect(state.nextLook! - now == .seconds(30))
  }

  @Test("An outage is told once, at the second failure, and backs off to a minute")
  func outage() {
    var state = watching(1)
    var told = 0
    var now = evening
    for _ in 0..<10 {
      now = state.nextLook!
      if state.failedLook(state.look(now: now), now: now) { told += 1 }
    }
    #expect(told == 1)
    #expect(state.nextLook! - now == .seconds(60))
    let first = state.finishedLook(start: now, now: now, sawEnds: false)
    #expect(first != nil)
    let second = state.finishedLook(start: now, now: now, sawEnds: false)
    #expect(second == nil)
  }

  @Test("What says nothing new is not told")
  func changes() {
    var state = watching(1)
    let first = state.saw([job(1, .running, percent: 5)])
    #expect(first.count == 1)
    let second = state.saw([job(1, .running, percent: 5)])
    #expect(second.isEmpty)
    let third = state.saw([job(1, .running, percent: 6)])
    #expect(third.count == 1)
    let fourth = state.saw([job(2, .running)])
    #expect(fourth.isEmpty)
  }

  @Test("A job missing from the list of active ones is asked for by its id")
  func missing() {
    var state = watching(1, 2)
    _ = state.sawAllActive([job(1, .running)], start: at(700))
    let first = state.look(now: at(701))
    #expect(first.single == [2])
    let events = state.saw(2, job(2, .completed), now: at(702))
    #expect(events.count == 1)
    let second = state.look(now: at(703))
    #expect(second.single.isEmpty)
  }

  @Test("A job that many questions do not find is lost in the end")
  func lost() {
    var state = watching(1)
    _ = state.sawAllActive([], start: at(60))
    let first = state.saw(1, nil, now: at(60))
    #expect(first.isEmpty)
    let second = state.saw(1, nil, now: at(359))
    #expect(second.isEmpty)
    guard case .lost(nil) = state.saw(1, nil, now: at(360)).first?.event else {
      Issue.record("the job should be lost")
      return
    }
    #expect(state.nextLook == nil)
  }

  @Test("A job of unknown age is asked for at once")
  func unknownAge() {
    var state = WatcherState()
    _ = state.watch(1, submitted: nil, progress: nil, now: evening)
    #expect(state.nextLook == evening)
    let look = state.look(now: evening)
    #expect(look.single == [1])
    #expect(look.finishedSince == nil)
  }
}
