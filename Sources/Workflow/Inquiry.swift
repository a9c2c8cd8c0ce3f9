public import Clock
public import CommandCenter
internal import CommandCenterAPI
public import Journal
internal import Synchronization

/// The question what became of the open submits of a run that nobody drives. It only reads, and looks once: whatever
/// was on its way when the run died has long arrived.
public final class Inquiry: Sendable {
  /// What the Command Center says of a submit.
  enum Finding: Sendable {
    /// Its jobs as the server has them, and the ids of those that it does not know any more.
    case jobs([JobSummary], gone: [String], task: Int64?)
    /// It made none.
    case noJobs
    /// It cannot be found out, and why: a sentence.
    case unclear(String)
  }

  private let store: any JournalStore
  private let clock: any RunClock
  private let steps: [StepRecord]
  private let centers: [String: CommandCenter]
  private let found = Mutex<[String: Finding]>([:])

  /// How many jobs a list shows that is looked through.
  private static let most = 5000
  /// Of how many of them the description is asked for.
  private static let mostDescriptions = 300

  /// - Parameters:
  ///   - steps: of the run.
  ///   - centers: by their names in the script; who is not there is not asked.
  public init(
    _ store: any JournalStore, _ steps: [StepRecord], at centers: [String: CommandCenter],
    _ clock: any RunClock
  ) {
    (self.store, self.clock, self.centers) = (store, clock, centers)
    self.steps = steps.filter(Self.isOpen)
  }

  /// The names of the Command Centers that there is something to ask of.
  public static func commcells(of steps: [StepRecord]) -> Set<String> {
    Set(steps.filter(isOpen).compactMap { Attempt($0)?.commcell })
  }

  /// Whether a submit's jobs, or what became of it, are open. One whose job is another target's or was lost waits for
  /// somebody's word, whatever the server says now.
  private static func isOpen(_ step: StepRecord) -> Bool {
    guard step.kind == .submit, !step.state.isEnd else { return false }
    return (step.state == .submitted) == !jobs(of: step).isEmpty
  }

  /// The jobs that a submit waits for: its own, or the one that it is attached to.
  static func jobs(of step: StepRecord) -> [String] {
    Attempt.attachedJob(in: step.result).map { [$0] } ?? step.jobs.map(\.job.id)
  }

  /// What is known by now, by the steps' keys; it may be called while it is being asked.
  var findings: [String: Finding] { found.withLock { $0 } }

  /// Asks all Command Centers at once. Called with a hold on the clock.
  public func ask() async {
    await withTaskGroup { group in
      for (name, center) in centers {
        let steps = steps.filter { Attempt($0)?.commcell == name }
        if !steps.isEmpty { group.addTask { await self.ask(center, of: steps) } }
      }
    }
  }

  private func ask(_ center: CommandCenter, of steps: [StepRecord]) async {
    // Of whom nothing is known where it fails, that is not known.
    do throws(CommandCenterError) {
      let server = try await center.identity()
      for step in steps where step.server != server {
        note(.unclear("behind the URL is another Command Center than the one it was sent to"), of: step)
      }
      let steps = steps.filter { $0.server == server }
      let known = steps.filter { !Self.jobs(of: $0).isEmpty }
      let lost = steps.filter { Self.jobs(of: $0).isEmpty }
      guard let first = steps.map(\.startedAt).min() else { return }
      var list: [JobSummary]?
      if known.count > 3 || !lost.isEmpty { list = try? await jobs(since: first, at: center) }
      let listed = Dictionary((list ?? []).map { ($0.jobId, $0) }, uniquingKeysWith: { $1 })
      for step in known { note(try await finding(of: step, listed, at: center), of: step) }
      if let list { try await search(list, for: lost, at: center) }
    } catch {}
  }

  private func note(_ finding: Finding, of step: StepRecord) { found.withLock { $0[step.key] = finding } }

  private func jobs(
    since moment: Moment, at center: CommandCenter
  ) async throws(CommandCenterError) -> [JobSummary] {
    try await center.allJobs(Reconciliation.query(since: moment, clock.now), most: Self.most)
  }

  /// A submit whose jobs are known.
  private func finding(
    of step: StepRecord, _ listed: [Int64: JobSummary], at center: CommandCenter
  ) async throws(CommandCenterError) -> Finding {
    var (summaries, gone): ([JobSummary], [String]) = ([], [])
    for id in Self.jobs(of: step) {
      guard let number = Int64(id) else { return .unclear("job \(id) has no number") }
      var summary = listed[number]
      if summary == nil {
        do throws(CommandCenterError) { summary = try await center.job(number) } catch {
          guard error.kind == .notFound else { throw error }
        }
      }
      if let summary { summaries.append(summary) } else { gone.append(id) }
    }
    return .jobs(summaries, gone: gone, task: step.task.flatMap { Int64($0) })
  }

  /// Looks for the jobs of submits of which only the intent is known, by their tokens.
  private func search(
    _ jobs: [JobSummary], for steps: [StepRecord], at center: CommandCenter
  ) async throws(CommandCenterError) {
    guard let server = steps.first?.server, let first = steps.map(\.startedAt).min() else { return }
    let skew = await center.clockSkew ?? .zero
    func wasMade(_ job: JobSummary, after moment: Moment) -> Bool {
      let since = Reconciliation.since(moment, clock.now, skew: skew)
      return Moment(unixSeconds: job.jobStartTime + 1) >= since
    }
    // A token is found whatever a clock says: the time only tells where to look first, and when all was seen.
    let likely = Set(steps.flatMap { Self.pieces(of: $0) })
    func distance(_ job: JobSummary) -> (Int, Duration) {
      let isLikely = Self.names(of: job).contains { likely.contains($0) }
      let time = Moment(unixSeconds: job.jobStartTime) - (first + skew)
      return (isLikely ? 0 : 1, time < .zero ? .zero - time : time)
    }
    var candidates: [JobSummary] = []
    for job in jobs {
      let holder = try? await store.holder(of: Job(server: server, id: String(job.jobId)))
      if holder.map({ $0.droppedAt != nil }) ?? true { candidates.append(job) }
    }
    candidates = candidates.map { ($0, distance($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    var own: [String: [Int64: [JobSummary]]] = [:]
    var showsDescriptions = false
    for job in candidates.prefix(Self.mostDescriptions) {
      guard let task = try await Reconciliation.task(of: job.jobId, at: center),
        let text = task.jobDescription
      else { continue }
      showsDescriptions = true
      for step in steps where Self.tokens(of: step).contains(where: text.hasSuffix) {
        own[step.key, default: [:]][task.taskId, default: []].append(job)
      }
    }
    let unseen = candidates.dropFirst(Self.mostDescriptions)
    let hasSeenAll = jobs.count < Self.most && unseen.allSatisfy { !wasMade($0, after: first) }
    for step in steps {
      let tasks = own[step.key] ?? [:]
      if tasks.count > 1 {
        note(.unclear("several tasks carry its token"), of: step)
      } else if let (task, jobs) = tasks.first {
        note(.jobs(jobs, gone: [], task: task), of: step)
      } else if hasSeenAll {
        let isNobodys = candidates.allSatisfy { !wasMade($0, after: step.startedAt) }
        if isNobodys || showsDescriptions && Self.hasToken(step, at: center) { note(.noJobs, of: step) }
      }
    }
  }

  /// The last piece of what a submit calls its target, in lower case.
  private static func pieces(of step: StepRecord) -> [String] {
    Attempt(step)?.target.split(separator: "/").last.map { [$0.lowercased()] } ?? []
  }

  private static func names(of job: JobSummary) -> [String] {
    [job.subclient.subclientName.lowercased(), String(job.subclient.subclientId)]
  }

  private static func tokens(of step: StepRecord) -> [String] {
    (step.earlierAttempts + [step.attempt].compactMap(\.self)).map(\.token)
  }

  /// Whether what was sent carried the token for sure: workloads that a script declares may have no place for it.
  private static func hasToken(_ step: StepRecord, at center: CommandCenter) -> Bool {
    let workload = Attempt(step)?.workload
    return center.marking.hasTag && workload.flatMap(Workload.builtIn(named:)) != nil
  }
}
