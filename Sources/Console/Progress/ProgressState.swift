import Clock
import CommandCenterAPI
import DequeModule
import Workflow

/// How far a run is: its targets, each by its last attempt that was sent, as the run's events tell of them.
struct ProgressState: Sendable {
  /// Where a target stands. What needs eyes most comes first.
  enum Stage: Int, CaseIterable, Sendable {
    /// It is over, and not good.
    case bad
    /// Its job does not go on: it is pending, queued, suspended.
    case held
    case running
    /// Not sent yet.
    case queued
    case good
    case skipped

    var isOver: Bool { self == .bad || self == .good || self == .skipped }
  }

  /// One target.
  struct Item: Sendable {
    var stage: Stage
    /// What it is, in a word or two.
    var word: String
    var attempt: Int
    var commcell: String
    var workload: String
    var target: String
    var level: String
    var jobs: [String] = []
    var percent = 0
    var bytes: Int64 = 0
    var started: Moment
    /// When it was last heard of.
    var seen: Moment
    var finished: Moment?
    /// The phase, or why it does not go on.
    var note = ""
    var group: Int
  }

  /// Names a group among all of a run.
  private struct GroupKey: Hashable {
    var commcell: String
    var workload: String
    var path: String
  }

  /// The targets of one instance.
  struct Group: Sendable {
    var commcell: String
    var workload: String
    /// The path that its targets have in common.
    var path: String
    /// How many stand where, by stage.
    var counts = [Int](repeating: 0, count: Stage.allCases.count)
    /// Of those that run.
    var percents = 0
    var bytes: Int64 = 0
    /// How long its good ones took, together.
    var seconds = 0.0

    subscript(_ stage: Stage) -> Int { counts[stage.rawValue] }

    var total: Int { counts.reduce(0, +) }
    /// How far all of it is.
    var percent: Int {
      let over = self[.bad] + self[.good] + self[.skipped]
      return total == 0 ? 0 : (over * 100 + percents) / total
    }
  }

  private(set) var items: [Item] = []
  private(set) var groups: [Group] = []
  /// Of all targets.
  private(set) var counts = [Int](repeating: 0, count: Stage.allCases.count)
  private(set) var bytes: Int64 = 0
  /// Those that came out good last, the newest first.
  private(set) var latestGood = Deque<Int>()
  private var indexOf: [TargetKey: Int] = [:]
  /// Targets as they stood before an attempt that may yet be left out.
  private var before: [Int: Item] = [:]
  private var groupOf: [GroupKey: Int] = [:]
  private var samples = Deque<(at: Moment, bytes: Int64)>()

  static let mostGood = 200

  subscript(_ stage: Stage) -> Int { counts[stage.rawValue] }

  /// Takes in what happened.
  ///
  /// - Returns: the target that stands otherwise now; nil where none does. Its percentage alone is no news.
  mutating func take(_ event: RunEvent, at now: Moment) -> Item? {
    switch event {
    case .waiting(let attempt, let what): put(attempt, .queued, "waiting", what, at: now)
    case .sending(let attempt, _): put(attempt, .queued, "sending", "", at: now)
    case .submitted(let attempt): put(attempt, .running, "started", "", at: now)
    case .changed(let attempt, _): put(attempt, at: now)
    case .finished(let attempt): over(attempt, at: now)
    case .restored(let attempt):
      attempt.outcome == nil
        ? put(attempt, .running, "started", "", at: now, isOld: true) : over(attempt, at: now, isOld: true)
    case .outage, .recovered, .branchFailed, .attention, .logged: nil
    }
  }

  // MARK: one target

  private mutating func put(_ attempt: Attempt, at now: Moment) -> Item? {
    // Of several jobs, one that does not go on is what matters.
    let held = attempt.jobs.first { !$0.status.isTerminal && !$0.status.goesOn }
    guard let held else {
      guard let job = attempt.jobs.first(where: { !$0.status.isTerminal }) else { return nil }
      return put(attempt, .running, "running", job.currentPhaseName, at: now)
    }
    // Every job waits for its turn at first.
    let isUsual = [.waiting, .queued].contains(held.status) && held.pendingReason.isEmpty
    let note = held.pendingReason.isEmpty ? held.currentPhaseName : held.pendingReason
    return put(attempt, isUsual ? .queued : .held, held.status.name.lowercased(), note, at: now)
  }

  private mutating func over(_ attempt: Attempt, at now: Moment, isOld: Bool = false) -> Item? {
    guard let outcome = attempt.outcome else { return nil }
    let stage: Stage = attempt.isOk ? .good : outcome == .skipped ? .skipped : .bad
    let word = outcome.rawValue.split(separator: "_").joined(separator: " ")
    let news = put(attempt, stage, word, attempt.reason ?? "", at: now, isOld: isOld)
    if outcome == .skipped { putBack(attempt, at: now) }
    return news
  }

  /// An attempt that was never sent changes nothing about what was.
  private mutating func putBack(_ attempt: Attempt, at now: Moment) {
    guard let index = indexOf[attempt.key], items[index].attempt == attempt.number,
      var item = before.removeValue(forKey: index)
    else { return }
    item.attempt = attempt.number
    count(items[index], -1)
    moved(item.bytes - items[index].bytes, at: now, isOld: true)
    items[index] = item
    count(item, 1)
  }

  private mutating func put(
    _ attempt: Attempt, _ stage: Stage, _ word: String, _ note: String, at now: Moment, isOld: Bool = false
  ) -> Item? {
    let index = indexOf[attempt.key] ?? add(attempt)
    var item = items[index]
    // It counts by its last attempt.
    guard attempt.number >= item.attempt else { return nil }
    if attempt.number != item.attempt, item.stage == .good || item.stage == .bad { before[index] = item }
    let isNew = attempt.number != item.attempt || stage != item.stage
    // That a job which has been started runs goes without saying, unless something held it up.
    let isUsual = attempt.number == item.attempt && word == "running" && item.stage != .held
    let isOther =
      isNew && !isUsual || (stage != .running && word != item.word) || (stage == .held && note != item.note)
    count(item, -1)
    (item.stage, item.word, item.note, item.attempt) = (stage, word, note, attempt.number)
    item.level = attempt.levelRun ?? attempt.levelAsked ?? ""
    item.jobs = attempt.jobIds
    (item.started, item.seen) = (attempt.started, now)
    item.finished = stage.isOver ? attempt.finished ?? now : nil
    let jobs = attempt.jobs
    item.percent =
      jobs.isEmpty ? 0 : Int(jobs.reduce(0) { $0 + min(100, max(0, $1.percentComplete)) }) / jobs.count
    let bytes = attempt.bytes ?? jobs.reduce(0) { $0 + max(0, $1.sizeOfApplication) }
    // What an earlier life of the run did is none of this one's speed.
    moved(bytes - item.bytes, at: now, isOld: isOld)
    item.bytes = bytes
    items[index] = item
    count(item, 1)
    if isNew, stage == .good {
      latestGood.prepend(index)
      if latestGood.count > Self.mostGood { latestGood.removeLast() }
    }
    return isOther ? item : nil
  }

  private mutating func add(_ attempt: Attempt) -> Int {
    let slash = attempt.target.lastIndex(of: "/")
    let path = slash.map { String(attempt.target[..<$0]) } ?? attempt.target
    let key = GroupKey(commcell: attempt.commcell, workload: attempt.workload, path: path)
    if groupOf[key] == nil {
      groupOf[key] = groups.count
      groups.append(Group(commcell: key.commcell, workload: key.workload, path: path))
    }
    indexOf[attempt.key] = items.count
    items.append(
      Item(
        stage: .queued, word: "", attempt: 0, commcell: key.commcell, workload: key.workload,
        target: attempt.target, level: "", started: attempt.started, seen: attempt.started,
        group: groupOf[key] ?? 0))
    return items.count - 1
  }

  private mutating func count(_ item: Item, _ by: Int) {
    // Its first attempt has just been made room for.
    guard item.attempt > 0 else { return }
    counts[item.stage.rawValue] += by
    groups[item.group].counts[item.stage.rawValue] += by
    groups[item.group].bytes += Int64(by) * item.bytes
    if !item.stage.isOver { groups[item.group].percents += by * item.percent }
    if item.stage == .good, let finished = item.finished {
      groups[item.group].seconds += Double(by) * max(0, (finished - item.started).inSeconds)
    }
  }
}

// MARK: speed

extension ProgressState {
  /// How far back the throughput looks.
  private static let window = Duration.seconds(300)
  private static let sampleEvery = Duration.seconds(10)

  private mutating func moved(_ count: Int64, at now: Moment, isOld: Bool) {
    guard count != 0 else { return }
    if isOld {
      for index in samples.indices { samples[index].bytes += count }
    } else if samples.last.map({ now - $0.at >= Self.sampleEvery }) ?? true {
      samples.append((now, bytes))
      while let second = samples.dropFirst().first, now - second.at > Self.window { samples.removeFirst() }
    }
    bytes += count
  }

  /// Bytes a second, over the last minutes; nil where too little is known.
  func throughput(at now: Moment) -> Int64? {
    guard let first = samples.first(where: { now - $0.at <= Self.window }),
      case let seconds = (now - first.at).inSeconds, seconds >= 10, bytes > first.bytes
    else { return nil }
    return Int64(Double(bytes - first.bytes) / seconds)
  }

  /// When all of it may be over, from how far those are that run and how long those took that are good; nil where
  /// that cannot be known.
  func expectedEnd(at now: Moment) -> Moment? {
    let running = self[.running] + self[.held]
    guard running + self[.queued] > 0 else { return nil }
    var (longest, sum) = (0.0, 0.0)
    let good = self[.good]
    let mean = good == 0 ? nil : groups.reduce(0) { $0 + $1.seconds } / Double(good)
    for item in items where !item.stage.isOver {
      let group = groups[item.group]
      let usual = group[.good] == 0 ? mean : group.seconds / Double(group[.good])
      let rest: Double
      if item.stage == .queued {
        guard let usual else { return nil }
        rest = usual
      } else {
        if item.percent >= 5 {
          let age = max(0, (item.seen - item.started).inSeconds)
          let then = age * Double(100 - item.percent) / Double(item.percent)
          rest = max(0, then - (now - item.seen).inSeconds)
        } else if let usual {
          rest = max(0, usual - (now - item.started).inSeconds)
        } else {
          return nil
        }
        longest = max(longest, rest)
      }
      sum += rest
    }
    return now + .milliseconds(Int64(min(max(longest, sum / Double(max(1, running))), 1e9) * 1000))
  }
}

extension JobStatus {
  /// Whether work is done on it.
  fileprivate var goesOn: Bool {
    switch self {
    case .running, .runningUnverified: true
    default: isTerminal
    }
  }
}
