import ArgumentParser
import Clock
import CommandCenter
import Journal
import LuaVM
import Scripting
import Terminal
import Workflow

/// `cvlua cancel RUN`: a run that did not come to its end is given up.
struct CancelCommand: Subcommand {
  static let abstract = """
    Gives up a run whose process is gone: what it has not submitted never will be. Its jobs run on, but with \
    --kill-jobs they are killed at the Command Center.
    """

  @Argument(help: "The run's name, or last.")
  var name: String

  @Flag(help: "Kills the jobs of the run that still run.")
  var killJobs = false

  @OptionGroup var journal: JournalOptions

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let store = try journal.open()
    let name = name
    let (history, remarks) = try await UsageError.wrapping { () async throws(JournalError) in
      let history = try await store.history(of: try await RunName.find(name, store))
      return (history, try await Recovery(store, history.run, SystemClock()).close())
    }
    for remark in remarks { print(remark) }
    await store.close()
    guard killJobs else { return 0 }
    var failed = false
    for step in history.steps {
      for job in step.jobs where job.endedAt == nil {
        guard let attempt = Workflow.Attempt(step), let id = Int64(job.job.id) else { continue }
        if let failure = await Self.kill(id, at: attempt.commcell, RunOptions(history.run.options)) {
          output.line("cvlua cancel: job \(id): \(failure)")
          failed = true
        } else {
          print("job \(id) is killed")
        }
      }
    }
    return failed ? 18 : 0
  }

  /// - Returns: why it was not killed.
  private static func kill(_ job: Int64, at commcell: String, _ options: RunOptions) async -> String? {
    do {
      let profiles = try await ConfigurationFiles.profiles(
        file: options.configurationFile, named: options.profile)
      let named = commcell == Commcell.defaultName ? profiles.own : try profiles.named(commcell)
      guard let profile = named else { return profiles.wayOut }
      let connection = try Connection(profile, clock: SystemClock())
      try await connection.center.kill(job)
      await connection.center.logOut()
      await connection.close()
      return nil
    } catch let error as LuaFailure {
      return error.sentence
    } catch let error as UsageError {
      return error.message
    } catch let error as CommandCenterError {
      return error.message
    } catch {
      return "\(error)"
    }
  }
}
