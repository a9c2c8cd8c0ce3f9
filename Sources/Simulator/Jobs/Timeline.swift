import Clock
import CommandCenterAPI

/// What a job goes through, and when: segments one after the other, the last one terminal, or without an end.
///
/// A job's state at any time is read off it, so nothing has to happen while a job runs.
struct Timeline {
  /// A stretch of time in one state. It lasts until the next one starts.
  struct Segment {
    var start: Moment
    var status: JobStatus
    var phase: String
    /// How much of the job is done at its start and at its end, 0 to 1.
    var work: (from: Double, to: Double)
    var reason = ""
  }

  /// A job at one moment.
  struct State {
    var status: JobStatus
    var phase: String
    /// 0 to 1.
    var work: Double
    var reason: String
    /// Since when the job has been in this segment.
    var since: Moment
  }

  private(set) var segments: [Segment]
  /// Where the writer of the segments is: when the next one starts.
  private var cursor: Moment
  private var done = 0.0
  /// What a suspended job still has to do, and when it was interrupted.
  private(set) var rest: (at: Moment, segments: [Segment])?

  init(start: Moment) {
    segments = []
    cursor = start
  }

  /// One that was written before.
  init(_ segments: [Segment], rest: (at: Moment, segments: [Segment])?) {
    self.segments = segments
    self.rest = rest
    cursor = segments.last?.start ?? Moment(nanoseconds: 0)
  }

  // MARK: Writing

  mutating func add(
    _ status: JobStatus, _ phase: String, for duration: Duration, upTo work: Double? = nil,
    reason: String = ""
  ) {
    let work = work ?? done
    segments.append(
      Segment(start: cursor, status: status, phase: phase, work: (done, work), reason: reason))
    done = work
    cursor = cursor + duration
  }

  /// The last segment, which never ends.
  mutating func end(_ status: JobStatus, reason: String = "") {
    if status == .completed || status == .completedWithWarnings || status == .completedWithErrors { done = 1 }
    segments.append(Segment(start: cursor, status: status, phase: "", work: (done, done), reason: reason))
  }

  /// Puts a stretch of `duration` into the middle of the running part; what follows happens later.
  mutating func interrupt(_ status: JobStatus, for duration: Duration, reason: String) {
    guard let index = segments.lastIndex(where: { $0.status == .running }) else { return }
    let segment = segments[index]
    let end = index + 1 < segments.count ? segments[index + 1].start : cursor
    let middle = segment.start + .nanoseconds((end.nanoseconds - segment.start.nanoseconds) / 2)
    let half = (segment.work.from + segment.work.to) / 2
    var later = segment
    later.start = middle + duration
    later.work.from = half
    segments[index].work.to = half
    let stop = Segment(
      start: middle, status: status, phase: segment.phase, work: (half, half), reason: reason)
    for next in segments.indices[(index + 1)...] { segments[next].start = segments[next].start + duration }
    segments.insert(contentsOf: [stop, later], at: index + 1)
    cursor = cursor + duration
  }

  // MARK: Reading

  /// When the job ends; nil while it is suspended, which may be for good.
  var end: Moment? {
    guard let last = segments.last, last.status.isTerminal else { return nil }
    return last.start
  }

  func state(at moment: Moment) -> State {
    let index = index(at: moment)
    let segment = segments[index]
    return State(
      status: segment.status, phase: segment.phase, work: work(at: moment, in: index),
      reason: segment.reason, since: segment.start)
  }

  // MARK: Actions

  /// - Returns: false where the job has ended, or is suspended already.
  mutating func pause(at moment: Moment) -> Bool {
    let state = state(at: moment)
    guard !state.status.isTerminal, rest == nil, state.status != .killPending else { return false }
    cut(at: moment)
    append(.suspendPending, state.phase, at: moment)
    append(.suspended, state.phase, at: moment + .seconds(5))
    return true
  }

  /// - Returns: false where the job is not suspended.
  mutating func resume(at moment: Moment) -> Bool {
    guard let (interruptedAt, remaining) = rest else { return false }
    rest = nil
    let phase = state(at: moment).phase
    // What was pending a suspension goes on from here, not from later.
    while let last = segments.last, last.start > moment { segments.removeLast() }
    append(.waiting, phase, at: moment)
    let delay = moment + .seconds(10) - interruptedAt
    for var segment in remaining {
      segment.start = max(segment.start, interruptedAt) + delay
      segments.append(segment)
    }
    return true
  }

  /// - Returns: false where the job has ended.
  mutating func kill(at moment: Moment, reason: String) -> Bool {
    let state = state(at: moment)
    guard !state.status.isTerminal else { return false }
    if state.status == .killPending { return true }
    cut(at: moment)
    rest = nil
    append(.killPending, state.phase, at: moment)
    append(.killed, "", at: moment + .seconds(8), reason: reason)
    return true
  }

  private func index(at moment: Moment) -> Int {
    segments.lastIndex { $0.start <= moment } ?? 0
  }

  private func work(at moment: Moment, in index: Int) -> Double {
    let segment = segments[index]
    guard index + 1 < segments.count else { return segment.work.to }
    let whole = (segments[index + 1].start - segment.start).inSeconds
    guard whole > 0 else { return segment.work.to }
    let part = min(max((moment - segment.start).inSeconds / whole, 0), 1)
    return segment.work.from + part * (segment.work.to - segment.work.from)
  }

  /// Ends the timeline at `moment` and keeps what would have followed for a later resumption.
  private mutating func cut(at moment: Moment) {
    let index = index(at: moment)
    let done = work(at: moment, in: index)
    var remaining = Array(segments[index...])
    remaining[0].work.from = done
    if rest == nil { rest = (moment, remaining) }
    segments[index].work.to = done
    segments.removeSubrange((index + 1)...)
  }

  private mutating func append(_ status: JobStatus, _ phase: String, at start: Moment, reason: String = "") {
    let done = segments.last?.work.to ?? 0
    segments.append(Segment(start: start, status: status, phase: phase, work: (done, done), reason: reason))
  }
}
