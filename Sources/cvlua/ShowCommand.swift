import ArgumentParser
import Clock
import Journal
import Terminal

/// `cvlua show RUN`: what a run did, step by step.
struct ShowCommand: Subcommand {
  static let abstract = """
    Shows what a run did, step by step, and what is open of it. RUN is the name that cvlua runs shows, or last.
    """

  @OptionGroup var named: NamedRun

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let found = try await named.find()
    let (store, history, run) = (found.store, found.history, found.history.run)
    print("run \(run.id) of \(ErrorOutput.oneLine(run.script)), night \(run.night)")
    print(
      "began \(run.startedAt.local), \(RunLine.state(run, isAlive: found.isAlive)), lives: \(run.epoch)")
    // Where no process looks, nobody knows whether it still runs.
    let open = found.isAlive ? " (runs on)" : " (not seen to end)"
    for (index, step) in history.steps.enumerated() {
      // An earlier life of the run may have called the script by another path.
      let place = step.place?.split(separator: "/").last.map { "  \($0)" } ?? ""
      print("\(index + 1). \(Self.state(step, until: found.now))  \(step.key)\(place)")
      let jobs = step.jobs.map { $0.job.id + ($0.endedAt == nil ? open : "") }
      if !jobs.isEmpty { print("   job \(jobs.joined(separator: ", "))") }
      if !step.droppedJobs.isEmpty {
        print("   not its job any more: \(step.droppedJobs.map(\.job.id).joined(separator: ", "))")
      }
      if let note = step.note { print("   \(ErrorOutput.oneLine(note))") }
      if [.intent, .ambiguous, .needsOperator].contains(step.state), let attempt = step.attempt {
        print("   its job's description would end in \"\(attempt.token)\"")
      }
    }
    for pool in (try? await store.pools(of: run.id)) ?? [] {
      print(PoolStanding.text(pool, (try? await store.permits(inPool: pool)) ?? []))
    }
    let messages = try await UsageError.wrapping { () async throws(JournalError) in
      try await store.messages(of: run.id)
    }
    for message in messages { print(Self.line(message)) }
    if let way = found.wayOn { print(way) }
    return 0
  }
}

/// A pool in a line: `pool aws-prod: 4 of 4 in use, 2 wait`, and who has it.
private enum PoolStanding {
  static func text(_ pool: String, _ permits: [PermitRecord]) -> String {
    let granted = permits.filter { $0.grantedAt != nil }
    let inUse = granted.reduce(0) { $0 + $1.share.weight }
    let most = (granted.isEmpty ? permits : granted).map(\.share.max).min() ?? 0
    let waiting = permits.count - granted.count
    var lines = ["pool \(pool): \(inUse) of \(most) in use\(waiting == 0 ? "" : ", \(waiting) wait")"]
    for permit in granted {
      let jobs = permit.jobs.map(\.id).joined(separator: ", ")
      lines.append(
        "   \(permit.step) of run \(permit.run)\(jobs.isEmpty ? ": its job is not known" : ": job \(jobs)")")
    }
    return lines.joined(separator: "\n")
  }
}

extension ShowCommand {
  /// A sleep is written down with its end, when it begins.
  private static func state(_ step: StepRecord, until now: Moment) -> String {
    guard step.kind == .sleep, let end = step.endedAt, end > now else { return step.state.rawValue }
    return "until \(end.local)"
  }

  /// `attention slack: not told yet, 3 tries: its server answered 500`
  private static func line(_ record: MessageRecord) -> String {
    let key = record.message.key
    if let moment = record.deliveredAt { return "\(key): told \(moment.local)" }
    let tries = record.tries == 1 ? "1 try" : "\(record.tries) tries"
    let why = record.lastError.map { ", \(tries): \(ErrorOutput.oneLine($0))" } ?? ""
    return "\(key): not told yet\(why)"
  }
}
