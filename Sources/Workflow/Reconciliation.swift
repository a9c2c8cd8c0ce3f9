internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

/// The search for what became of a submit whose answer never came.
struct Reconciliation {
  /// What it came to.
  enum Result {
    /// Its jobs, with what shows that they are its own.
    case found(task: Int64?, jobs: [String], evidence: String)
    /// Certainly none: it may be sent again.
    case none
    /// A human has to decide, and why.
    case unclear(String)
  }

  /// What one look came to.
  private enum Look {
    case sure(Result)
    /// Some of its targets have no job yet, which may still become visible: in a sentence.
    case part(String)
  }

  let request: BackupRequest
  let step: SubmitStep
  let token: String
  /// When the intent was written down: no job of its is older.
  let intent: Moment
  let clock: any RunClock
  /// When it is left to somebody, where nothing was found out until then; nil for never.
  var deadline: Moment?
  /// Told at each look whether the Command Center answers: nil, or what keeps it from that.
  let answers: @Sendable (CommandCenterError?) -> Void

  /// How far two clocks may be apart besides what is known of it.
  private static let margin = Duration.seconds(5)
  /// How far back before the intent ended jobs are listed: so far may a clock have been wrong.
  private static let doubt = Duration.seconds(24 * 3600)
  /// How many jobs a list shows that is looked through.
  private static let most = 5000
  /// How often the server may refuse to be looked at before it is left to somebody: a session may end meanwhile.
  private static let mostRefusals = 10
  /// How often it is looked for the rest of its jobs before it is left to somebody.
  private static let mostLooks = 10

  /// Called with a hold on the clock.
  func result() async -> Result {
    var (looks, refusals) = (0, 0)
    var part: String?
    while true {
      do throws(CommandCenterError) {
        try await pause()
        let look = try await look()
        answers(nil)
        looks += 1
        switch look {
        case .part(let sentence): part = sentence
        // None is believed when it is seen twice, and never after some.
        case .sure(.none) where looks < 2 || part != nil: break
        case .sure(let result): return result
        }
        if let part, looks >= Self.mostLooks { return .unclear(part) }
      } catch {
        if error.kind == .unreachable, deadline.map({ clock.now < $0 }) ?? true {
          answers(error)
          continue
        }
        if [.notLoggedIn, .rateLimited].contains(error.kind), refusals < Self.mostRefusals {
          refusals += 1
          continue
        }
        return .unclear("What became of it could not be found out: \(error.description)")
      }
    }
  }

  private func pause() async throws(CommandCenterError) {
    do { try await clock.sleep(for: request.center.settle) } catch {
      throw CommandCenterError(.cancelled, "The search was cancelled.")
    }
  }

  private func look() async throws(CommandCenterError) -> Look {
    guard try await request.center.identity() == step.server else {
      return .sure(.unclear("Behind the URL is another Command Center than the one it was sent to."))
    }
    let skew = await request.center.clockSkew ?? .zero
    let since = Self.since(intent, clock.now, skew: skew)
    let jobs = try await request.center.allJobs(Self.query(since: intent, clock.now), most: Self.most)
    var own: [Int64?: [JobSummary]] = [:]
    var others: [Int64?: [JobSummary]] = [:]
    for job in jobs where isOfTarget(job) {
      guard await isFree(job) else { continue }
      let task = try await Self.task(of: job.jobId, at: request.center)
      let text = task?.jobDescription ?? ""
      if text.hasSuffix(token) {
        own[task?.taskId, default: []].append(job)
      } else if !text.contains(SubmitStep.tokenStart), isPossible(job, since) {
        // Somebody's, or ours on a server that does not show the text.
        others[task?.taskId, default: []].append(job)
      }
    }
    if own.count == 1, let (task, jobs) = own.first {
      return found(task, jobs, evidence: "its description carries this submit's token")
    }
    if own.count > 1 { return .sure(.unclear(Self.several(own, "carry this submit's token"))) }
    if others.isEmpty { return .sure(.none) }
    if request.tag != nil, try await showsDescriptions(others) {
      // The server shows descriptions, and none of these carries the token: they are somebody else's.
      return .sure(.none)
    }
    if others.count == 1, let (task, jobs) = others.first {
      return found(
        task, jobs, evidence: "it is the only one of that target, level and user since the submit")
    }
    return .sure(.unclear(Self.several(others, "could be its own")))
  }

  /// What lists every job that a submit of that moment can have made.
  static func query(since intent: Moment, _ now: Moment) -> JobQuery {
    var query = JobQuery()
    query.completedJobLookupTime = Int64((max(now - intent, .zero) + doubt).inSeconds) + 1
    return query
  }

  /// The server's time before which no job was made of a submit of that moment.
  static func since(_ intent: Moment, _ now: Moment, skew: Duration) -> Moment {
    // Where this machine's clock was set back since the intent, the skew of now says nothing about then: the
    // net is cast wider.
    now < intent ? now + min(skew, .zero) - margin : intent + skew - margin
  }

  /// The one task that matches, where each of the targets has a job of it.
  private func found(_ task: Int64?, _ jobs: [JobSummary], evidence: String) -> Look {
    let missing = request.targets.filter { target in jobs.allSatisfy { target.differs(from: $0.subclient) } }
    if missing.isEmpty { return .sure(.found(task: task, jobs: Self.ids(jobs), evidence: evidence)) }
    let names = missing.map(\.text).joined(separator: ", ")
    return .part("Its \(Self.name(task, jobs)) was found, but no job of it for \(names).")
  }

  private func isOfTarget(_ job: JobSummary) -> Bool {
    request.targets.contains { !$0.differs(from: job.subclient) }
  }

  /// Whether a job of that target that carries no token could be this submit's: the same user as far as it is
  /// known, a level that can have come of it, and not older. The token needs none of this: clocks are set, and
  /// servers run other levels.
  private func isPossible(_ job: JobSummary, _ since: Moment) -> Bool {
    guard Moment(unixSeconds: job.jobStartTime + 1) >= since else { return false }
    if let user = request.center.credentials.user, !job.userName.userName.isEmpty,
      job.userName.userName.lowercased() != user.lowercased()
    {
      return false
    }
    // A server may run another level as a full; never a full as anything else.
    if request.levelAsked == "FULL", let level = job.levelRun, level.name != "FULL" { return false }
    return true
  }

  /// Whether no step, of whatever run, has the job already.
  private func isFree(_ job: JobSummary) async -> Bool {
    let known = Job(server: step.server, id: String(job.jobId))
    guard let holder = try? await step.ledger.store.holder(of: known) else { return true }
    return holder.run == step.ledger.run && holder.step == step.key && holder.droppedAt == nil
  }

  /// Whether the server shows descriptions at all: it tells one of any of these jobs.
  private func showsDescriptions(
    _ tasks: [Int64?: [JobSummary]]
  ) async throws(CommandCenterError) -> Bool {
    for job in tasks.values.flatMap(\.self) {
      if try await Self.task(of: job.jobId, at: request.center)?.jobDescription != nil { return true }
    }
    return false
  }

  /// The task that a job is of; nil where the server does not tell.
  ///
  /// - Throws: where nobody knows whether it would: its job is not to be taken for somebody else's then.
  static func task(
    of job: Int64, at center: CommandCenter
  ) async throws(CommandCenterError) -> TaskDetails? {
    do throws(CommandCenterError) { return try await center.task(ofJob: job) } catch {
      if [.notFound, .rejected, .unintelligible].contains(error.kind) { return nil }
      throw error
    }
  }

  private static func ids(_ jobs: [JobSummary]) -> [String] { jobs.map { String($0.jobId) }.sorted() }

  private static func name(_ task: Int64?, _ jobs: [JobSummary]) -> String {
    "task \(task.map { String($0) } ?? "?") (job \(ids(jobs).joined(separator: ", ")))"
  }

  private static func several(_ tasks: [Int64?: [JobSummary]], _ what: String) -> String {
    let names = tasks.map { name($0, $1) }
    return "Several tasks \(what): \(names.sorted().joined(separator: "; "))."
  }
}
