import ArgumentParser
import Clock
import Journal
import Scripting
import Terminal
import Workflow

/// `cvlua cancel RUN`: a run that did not come to its end is given up.
struct CancelCommand: Subcommand {
  static let abstract = """
    Gives up a run whose process is gone: what it has not submitted never will be. Its jobs run on, but with \
    --kill-jobs they are killed at the Command Center first; where one cannot be, the run stays as it is.
    """

  @OptionGroup var named: NamedRun
  @OptionGroup var configuration: RecordedConfiguration

  @Flag(help: "Kills the jobs of the run that still run. Of a run that is closed already, too.")
  var killJobs = false

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let found = try await named.find()
    let (store, history, run) = (found.store, found.history, found.history.run)
    if run.state.isEnd {
      await store.close()
      return try await killRest(of: history, output)
    }
    let killer = killJobs ? try await killer(for: run) : nil
    let (claim, held) = try await UsageError.wrapping { () async throws(JournalError) in
      let claim = try await store.claim(run.id)
      // Whoever had it until now may have gone further.
      return (claim, try await store.history(of: run.id))
    }
    let killing = await kill(held, killer, output)
    let clock = SystemClock()
    let remarks = try await UsageError.wrapping { () async throws(JournalError) in
      defer { claim.release() }
      try await store.write(killing.ended.map { .jobEnded($0, at: clock.now) }, by: claim)
      if killing.code == 0 {
        return try await Recovery(store, run, clock).close(.cancelled(over: killing.over), by: claim)
          .remarks
      }
      try await store.write(run.standing(clock.now), by: claim)
      return []
    }
    await store.close()
    for remark in remarks { print(remark) }
    if killing.code != 0 {
      output.line(
        "cvlua cancel: run \(run.id) stays as it is, since not all of its jobs could be killed; say cvlua cancel \(run.id) --kill-jobs once more, or without --kill-jobs to leave them running"
      )
    }
    return killing.code
  }

  /// The same for a run that has come to its end, where only its jobs are left to be killed.
  private func killRest(of history: RunHistory, _ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let run = history.run
    let state = run.state == .abandoned ? "was closed already" : "has come to its end"
    let isOpen = history.steps.contains { $0.jobs.contains { $0.endedAt == nil } }
    guard killJobs, isOpen else {
      let way = isOpen ? "; cvlua cancel \(run.id) --kill-jobs kills its jobs that were not seen to end" : ""
      throw UsageError("run \(run.id) \(state), so there is nothing to give up\(way)")
    }
    return await kill(history, try await killer(for: run), output).code
  }

  private func killer(for run: RunRecord) async throws(UsageError) -> JobKiller? {
    if run.isSimulated {
      print("run \(run.id) was simulated: there are no jobs to kill")
      return nil
    }
    return JobKiller(
      try await ConfigurationFiles.profiles(
        file: try configuration.file(of: run), named: RunOptions(run.options).profile))
  }

  /// What came of killing the jobs of a run.
  private struct Killing {
    /// Killed, or over already.
    var over: Set<Job> = []
    /// Seen to be over.
    var ended: [Job] = []
    var code: Int32 = 0
  }

  /// Kills what is not known to have ended.
  private func kill(_ history: RunHistory, _ killer: JobKiller?, _ output: ErrorOutput) async -> Killing {
    var killing = Killing()
    guard var killer else { return killing }
    for step in history.steps {
      guard let attempt = Workflow.Attempt(step) else { continue }
      for job in step.jobs where job.endedAt == nil {
        let job = job.job
        let name = "job \(job.id) of \(attempt.name)"
        switch await killer.kill(job, at: attempt.commcell) {
        case .killed: print("\(name) is killed")
        case .ended(let status):
          print("\(name) had ended: \(status)")
          killing.ended.append(job)
        case .gone:
          print("\(name) is not known to the Command Center any more")
          killing.ended.append(job)
        case .failed(let reason, let isUnreachable):
          output.line("cvlua cancel: \(name) is not killed: \(reason)")
          killing.code = isUnreachable && killing.code != 20 ? 18 : 20
          continue
        }
        killing.over.insert(job)
      }
    }
    await killer.close()
    return killing
  }
}

extension RunRecord {
  /// What a run is told that somebody has looked after and that stands where it stood.
  func standing(_ now: Moment) -> [Change] {
    // A claim says that it runs; one that died still says so.
    state == .running ? [] : [.run(state, exitCode: exitCode, at: endedAt ?? now)]
  }
}
