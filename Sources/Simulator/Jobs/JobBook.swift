import Clock
import CommandCenterAPI

/// All jobs, so kept that a question costs what its answer holds, however many jobs there are besides.
struct JobBook {
  private(set) var jobs: [SimulatedJob] = []
  /// Indices of the jobs that run, ascending; some may have finished since it was last tidied.
  private var active: [Int] = []
  private var finishedInActive = 0
  private var ends = EndQueue()
  /// The finished jobs by their end, oldest first.
  private var finished: [EndQueue.Entry] = []
  /// The last job of each subclient.
  private var lastOfSubclient: [Int: Int] = [:]
  /// Those that came or changed since somebody asked; nil where nobody will.
  private var changed: Set<Int>?

  /// Ids ascend from here, one for each job.
  static let firstId: Int64 = 148_886

  var nextId: Int64 { Self.firstId + Int64(jobs.count) }

  mutating func add(_ job: SimulatedJob) {
    let index = jobs.count
    jobs.append(job)
    active.append(index)
    lastOfSubclient[job.subclient] = index
    changed?.insert(index)
    expectEnd(of: index)
  }

  /// The job of this id, where `now` can see it.
  func index(of id: Int64, at now: Moment) -> Int? {
    guard id >= Self.firstId, id < nextId else { return nil }
    let index = Int(id - Self.firstId)
    return jobs[index].visibleFrom <= now ? index : nil
  }

  /// The job of a subclient that has not ended yet.
  func activeJob(ofSubclient subclient: Int, at now: Moment) -> Int? {
    guard let index = lastOfSubclient[subclient] else { return nil }
    return jobs[index].timeline.state(at: now).status.isTerminal ? nil : index
  }

  /// Changes a job's timeline.
  ///
  /// - Returns: what `change` says, whether the job could be changed so.
  mutating func change(_ index: Int, _ change: (inout Timeline) -> Bool) -> Bool {
    guard change(&jobs[index].timeline) else { return false }
    changed?.insert(index)
    expectEnd(of: index)
    return true
  }

  /// Notices which jobs have ended by `now`.
  mutating func settle(at now: Moment) {
    while let entry = ends.popFirst(notAfter: now) {
      let job = jobs[entry.job]
      // An entry that a later change of the job has made void.
      guard !job.isFinished, job.timeline.end == entry.end else { continue }
      jobs[entry.job].isFinished = true
      finished.append(entry)
      finishedInActive += 1
    }
    if finishedInActive > 64 && finishedInActive > active.count / 2 {
      active.removeAll { jobs[$0].isFinished }
      finishedInActive = 0
    }
  }

  /// The jobs that have not ended, ascending by id. Call ``settle(at:)`` first.
  var activeJobs: some Sequence<Int> {
    active.lazy.filter { [jobs] in !jobs[$0].isFinished }
  }

  /// The jobs that ended at `start` or later, in no order that means anything. Call ``settle(at:)`` first.
  func finishedJobs(since start: Moment) -> some Sequence<Int> {
    var low = 0
    var high = finished.count
    while low < high {
      let middle = (low + high) / 2
      if finished[middle].end < start { low = middle + 1 } else { high = middle }
    }
    return finished[low...].lazy.map(\.job)
  }

  /// From now on notes which jobs come or change.
  mutating func notesChanges() { changed = [] }

  /// The jobs that came or changed since the last call, ascending.
  mutating func takeChanges() -> [Int] {
    defer { if changed != nil { changed = [] } }
    return changed?.sorted() ?? []
  }

  private mutating func expectEnd(of index: Int) {
    if let end = jobs[index].timeline.end { ends.insert(.init(end: end, job: index)) }
  }
}
