import Clock
import CommandCenterAPI

/// Which jobs are waited for, what to ask the server next and when, and what its answers mean; without I/O.
///
/// The usual look is one question for the jobs that have finished since the last one, whatever the number of
/// those waited for. All active ones are listed now and then, for their progress and for those that the first
/// question may have missed, and these are then asked for one by one.
struct WatcherState {
  /// What to ask in one look.
  struct Look: Equatable {
    /// The jobs that finished since then are asked for; nil means none are.
    var finishedSince: Moment?
    var listsActive = false
    /// Jobs to ask for by their ids.
    var single: [Int64] = []
    /// The server lists no jobs, so each is asked for, some in each look.
    var isWithoutLists = false
  }

  struct Event {
    var jobId: Int64
    var event: JobEvent
    /// The job's status is one that no list names, seen for the first time.
    var isUnknownStatus = false
  }

  private struct Watched {
    /// A time before which the job cannot have ended.
    var since: Moment
    /// Since when the server has not known it; nil while it does.
    var missingSince: Moment?
    var last: JobSummary?
    /// Whether its next look asks for it by id.
    var isAskedFor: Bool
    /// How often its watchers want to hear of its progress.
    var progress: [Duration] = []
    var watches = 1
  }

  /// Looks that came to nothing, one after the other.
  private struct Outage {
    var since: Moment
    var failures = 0
    var backoff = Backoff(from: PollInterval.shortest, upTo: PollInterval.longest)
  }

  /// How long a job may be unknown to the server before it counts as lost.
  static let visibility = Duration.seconds(300)
  /// How often all active jobs are listed where nobody wants it more often.
  static let progressInterval = Duration.seconds(600)
  /// How soon they are listed for the first time.
  static let firstProgress = Duration.seconds(60)
  /// A job submitted longer ago than this is asked for by its id first: it may have ended long ago.
  static let freshness = Duration.seconds(900)
  /// How long to believe that the server lists no jobs.
  static let listsPatience = Duration.seconds(600)
  /// How many jobs a look asks for by id at most.
  static let mostSingles = 20

  private var jobs: [Int64: Watched] = [:]
  /// Jobs to ask for by id, in the order in which that was found out.
  private var askedFor: [Int64] = []
  /// How many watches want to hear of progress how often.
  private var progress: [Duration: Int] = [:]
  private var interval = PollInterval()
  private var hasShortened = false
  /// All that finished before this moment has been seen, but for what has been watched since then.
  private var seenUntil: Moment?
  /// What has been watched since the last look cannot have ended before this moment.
  private var unseenSince: Moment?
  private var lastLook: Moment?
  private var lastActiveList: Moment?
  private var nextSoon: Moment?
  private var outage: Outage?
  /// When to ask for lists again that the server does not have.
  private var listsFrom: Moment?
  /// How far the next look must be from the last one to keep the server's limits.
  private var spacing = Duration.zero

  var isEmpty: Bool { jobs.isEmpty }

  // MARK: Watching

  /// - Parameters:
  ///   - submitted: when the job was made; nil where nobody knows, or long ago.
  ///   - progress: how often to look for changes; nil for now and then.
  /// - Returns: what was last seen of the job, where it is watched already.
  mutating func watch(
    _ id: Int64, submitted: Moment?, progress wanted: Duration?, now: Moment
  ) -> JobSummary? {
    if jobs.isEmpty {
      interval.reset()
      lastLook = now
      seenUntil = nil
      unseenSince = nil
      lastActiveList = now + Self.firstProgress - Self.progressInterval
    }
    if let wanted { progress[wanted, default: 0] += 1 }
    if let job = jobs[id] {
      jobs[id]?.watches += 1
      if let wanted { jobs[id]?.progress.append(wanted) }
      return job.last
    }
    let since = submitted ?? now
    let isFresh = submitted.map { now - $0 <= Self.freshness } ?? false
    jobs[id] = Watched(since: since, isAskedFor: !isFresh, progress: wanted.map { [$0] } ?? [])
    if isFresh {
      unseenSince = min(unseenSince ?? since, since)
      if !hasShortened { interval.submitted() }
      hasShortened = true
    } else {
      askedFor.append(id)
      nextSoon = min(nextSoon ?? now, now)
    }
    return nil
  }

  mutating func unwatch(_ id: Int64, progress wanted: Duration?) {
    guard jobs[id] != nil else { return }
    if let wanted {
      forget(wanted)
      if let index = jobs[id]?.progress.firstIndex(of: wanted) { jobs[id]?.progress.remove(at: index) }
    }
    jobs[id]?.watches -= 1
    if jobs[id]?.watches == 0 { remove(id) }
  }

  /// Something was done to a job: it is asked for soon.
  mutating func look(at id: Int64, now: Moment) {
    guard let job = jobs[id] else { return }
    if !job.isAskedFor {
      jobs[id]?.isAskedFor = true
      askedFor.append(id)
    }
    let soon = now + PollInterval.shortest
    nextSoon = min(nextSoon ?? soon, soon)
  }

  private mutating func remove(_ id: Int64) {
    guard let job = jobs.removeValue(forKey: id) else { return }
    for wanted in job.progress { forget(wanted) }
    if jobs.isEmpty {
      askedFor = []
      nextSoon = nil
    }
  }

  private mutating func forget(_ wanted: Duration) {
    progress[wanted, default: 1] -= 1
    if progress[wanted] == 0 { progress[wanted] = nil }
  }

  // MARK: Asking

  /// When to look next; nil where nobody waits.
  var nextLook: Moment? {
    guard !jobs.isEmpty, let lastLook else { return nil }
    if let outage { return lastLook + outage.backoff.delay }
    let wanted = progress.keys.min().map { min($0, interval.current) } ?? interval.current
    let regular = lastLook + max(PollInterval.shortest, wanted)
    return max(nextSoon.map { min($0, regular) } ?? regular, lastLook + spacing)
  }

  /// What to ask now.
  mutating func look(now: Moment) -> Look {
    var look = Look()
    if let listsFrom, now < listsFrom {
      look.isWithoutLists = true
      askedFor.removeAll { jobs[$0] == nil }
      if askedFor.isEmpty {
        // A new round.
        askedFor = jobs.keys.sorted()
        for id in askedFor { jobs[id]?.isAskedFor = true }
      }
      look.single = Array(askedFor.prefix(Self.mostSingles))
      return look
    }
    look.single = askedFor.prefix(Self.mostSingles).filter { jobs[$0] != nil }
    look.finishedSince = [seenUntil, unseenSince].compactMap(\.self).min()
    unseenSince = nil
    let every = min(progress.keys.min() ?? Self.progressInterval, Self.progressInterval)
    look.listsActive = lastActiveList.map { now - $0 >= every } ?? true
    return look
  }

  /// The server does not know the question for a list, which `look` asked. It is asked again after a while.
  ///
  /// - Returns: whether that is news.
  mutating func listsAreMissing(_ look: Look, now: Moment) -> Bool {
    unseenSince = [unseenSince, look.finishedSince].compactMap(\.self).min()
    defer { listsFrom = now + Self.listsPatience }
    return listsFrom == nil
  }

  func isWatched(_ id: Int64) -> Bool { jobs[id] != nil }

  // MARK: Answers

  /// Jobs that a list showed. The events come in the order in which the jobs ended.
  mutating func saw(_ summaries: [JobSummary]) -> [Event] {
    summaries.sorted { ($0.jobEndTime ?? 0, $0.jobId) < ($1.jobEndTime ?? 0, $1.jobId) }
      .compactMap { saw($0) }
  }

  /// All active jobs that are watched, after all that had finished: any other one that was there when the
  /// look began is asked for.
  mutating func sawAllActive(_ summaries: [JobSummary], start: Moment) -> [Event] {
    let events = saw(summaries)
    lastActiveList = start
    let active = Set(summaries.map(\.jobId))
    for id in jobs.keys.sorted() where !active.contains(id) {
      guard let job = jobs[id], !job.isAskedFor, job.since < start else { continue }
      jobs[id]?.isAskedFor = true
      askedFor.append(id)
    }
    return events
  }

  /// The answer to a question for one job; nil where the server does not know it.
  mutating func saw(_ id: Int64, _ summary: JobSummary?, now: Moment) -> [Event] {
    guard let job = jobs[id] else { return [] }
    if let summary {
      jobs[id]?.isAskedFor = false
      askedFor.removeAll { $0 == id }
      return saw(summary).map { [$0] } ?? []
    }
    let since = job.missingSince ?? now
    jobs[id]?.missingSince = since
    guard now - since >= Self.visibility else {
      // It may become visible yet; others have their turn first.
      askedFor.removeAll { $0 == id }
      askedFor.append(id)
      return []
    }
    askedFor.removeAll { $0 == id }
    remove(id)
    return [Event(jobId: id, event: .lost(job.last))]
  }

  private mutating func saw(_ summary: JobSummary) -> Event? {
    let id = summary.jobId
    guard let last = jobs[id] else { return nil }
    if summary.status.isTerminal {
      remove(id)
      return Event(jobId: id, event: .ended(summary))
    }
    jobs[id]?.missingSince = nil
    jobs[id]?.last = summary
    if let old = last.last, !summary.differs(from: old) { return nil }
    var event = Event(jobId: id, event: .changed(summary))
    if case .unknown = summary.status { event.isUnknownStatus = last.last?.status != summary.status }
    return event
  }

  /// A look that began at `start` is over, and all its answers have been taken in.
  ///
  /// - Parameter spacing: how far the next one must be, to keep the server's limits.
  /// - Returns: how long an outage has lasted that ended with it; nil where there was none.
  mutating func finishedLook(
    start: Moment, now: Moment, sawEnds: Bool, isWithoutLists: Bool = false, spacing: Duration = .zero
  ) -> Duration? {
    lastLook = now
    self.spacing = spacing
    if !isWithoutLists {
      seenUntil = start
      listsFrom = nil
    }
    nextSoon = askedFor.isEmpty ? nil : now + PollInterval.shortest * 2
    interval.looked(sawEnds: sawEnds)
    hasShortened = false
    defer { outage = nil }
    return outage.flatMap { $0.failures > 1 ? now - $0.since : nil }
  }

  /// A look came to nothing.
  ///
  /// - Returns: whether that is worth telling: one lost answer is no outage, and one outage is told once.
  mutating func failedLook(_ look: Look, now: Moment) -> Bool {
    lastLook = now
    nextSoon = nil
    unseenSince = [unseenSince, look.finishedSince].compactMap(\.self).min()
    var current = outage ?? Outage(since: now)
    if outage != nil { current.backoff.advance() }
    current.failures += 1
    outage = current
    return current.failures == 2
  }
}

extension JobSummary {
  /// Whether there is something to tell that `other` did not.
  fileprivate func differs(from other: JobSummary) -> Bool {
    status != other.status || percentComplete != other.percentComplete
      || currentPhaseName != other.currentPhaseName || pendingReason != other.pendingReason
  }
}
