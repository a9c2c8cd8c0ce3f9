internal import Clock
internal import CommandCenterAPI
internal import Journal

/// A submit that was open when its run was closed: what becomes of it in the journal, and what there is to say.
struct ClosedStep {
  private(set) var changes: [Change] = []
  /// A sentence each.
  private(set) var remarks: [String] = []
  private(set) var needsHuman = false
  /// The jobs of one that is good: nobody needs a sentence for each.
  private(set) var goodJobs: [String] = []

  private let step: StepRecord
  private let now: Moment

  /// - Parameters:
  ///   - finding: what the Command Center says; nil where it has said nothing.
  ///   - silence: why it has said nothing; nil where nobody expects it to.
  ///   - over: jobs that were killed or had ended.
  ///   - late: that its run was closed, and why: a clause.
  init(
    _ step: StepRecord, _ finding: Inquiry.Finding?, silence: String?, over: Set<Job>, _ late: String,
    at now: Moment
  ) {
    (self.step, self.now) = (step, now)
    switch finding {
    case .jobs(let jobs, let gone, let task): take(jobs, gone, task, late)
    case .noJobs:
      remark("it was never submitted, and is not any more", needsHuman: true)
      abandon("it was never submitted; \(late)")
    case .unclear(let why): leave(over: over, late, why)
    case nil: leave(over: over, late, silence)
    }
  }

  private var token: String { step.attempt?.token ?? "" }

  private mutating func remark(_ sentence: String, needsHuman: Bool = false) {
    remarks.append("\(step.key): \(sentence)")
    self.needsHuman = self.needsHuman || needsHuman
  }

  private mutating func abandon(_ note: String) {
    changes.append(.settle(step: step.key, .abandoned, note: note, at: now))
  }

  /// The server has told of its jobs.
  private mutating func take(_ jobs: [JobSummary], _ gone: [String], _ task: Int64?, _ late: String) {
    let server = step.server ?? ""
    func job(_ summary: JobSummary) -> Job { Job(server: server, id: String(summary.jobId)) }
    let ids = jobs.map { String($0.jobId) }.sorted()
    if step.state != .submitted {
      changes.append(
        .submitted(
          step: step.key, task: task.map { String($0) }, jobs: jobs.map(job),
          note: "its description carries this submit's token"))
    }
    for summary in jobs where summary.status.isTerminal { changes.append(.jobEnded(job(summary), at: now)) }
    let running = jobs.filter { !$0.status.isTerminal }.map { String($0.jobId) }.sorted()
    if !gone.isEmpty {
      remark(
        "the Command Center does not know job \(gone.joined(separator: ", ")) any more", needsHuman: true)
      abandon("the Command Center does not know job \(gone.joined(separator: ", ")) any more; \(late)")
    } else if !running.isEmpty {
      remark("job \(running.joined(separator: ", ")) still runs and is left to itself")
      abandon(late)
    } else if let attempt = ended(ids, jobs, task), let outcome = attempt.outcome {
      if attempt.isOk {
        goodJobs = ids
      } else {
        let result = outcome.rawValue.split(separator: "_").joined(separator: " ")
        let why = attempt.reason.map { ": \($0)" } ?? ""
        remark("job \(ids.joined(separator: ", ")) ended as \(result)\(why)", needsHuman: true)
      }
      changes.append(
        .settle(
          step: step.key, .done, result: attempt.encodedResult(), note: attempt.reason, at: now))
    } else {
      leave(over: [], late, nil)
    }
  }

  /// What it has come to, as a resume would have it; nil where it has not.
  private func ended(_ ids: [String], _ jobs: [JobSummary], _ task: Int64?) -> Attempt? {
    guard let attempt = Attempt(step) else { return nil }
    let backup = Backup(attempt, okIf: nil)
    backup.adopt(task: task, jobs: ids, started: step.startedAt)
    if let job = Attempt.attachedJob(in: step.result) { backup.attach(to: job) }
    var last: Attempt?
    for job in jobs { last = backup.jobEnded(job, at: now)?.0 ?? last }
    return last
  }

  /// Nobody has told what became of it.
  ///
  /// - Parameter why: why not; nil where nobody expects it.
  private mutating func leave(over: Set<Job>, _ late: String, _ why: String?) {
    let open = step.jobs.filter { $0.endedAt == nil && !over.contains($0.job) }.map(\.job.id)
    let because = why.map { " (\($0))" } ?? ""
    var note = late
    if step.state != .submitted, step.jobs.isEmpty {
      let unknown =
        "it is not known whether it was submitted\(because); look for a job whose description ends in \"\(token)\""
      remark(unknown, needsHuman: true)
      note = "\(unknown); \(late)"
    } else if step.state != .submitted, let known = step.note {
      remark(known, needsHuman: true)
      note = "\(known); \(late)"
    }
    if !open.isEmpty {
      remark("job \(open.joined(separator: ", ")) was left running\(because)", needsHuman: true)
    }
    let killed = step.jobs.filter { $0.endedAt == nil && over.contains($0.job) }.map(\.job.id)
    if !killed.isEmpty { note += ", which killed job \(killed.joined(separator: ", "))" }
    abandon(note)
  }
}
