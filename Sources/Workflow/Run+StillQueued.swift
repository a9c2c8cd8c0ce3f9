import Clock
import CommandCenter
import CommandCenterAPI

extension Run {
  /// How long a kill may wait for its turn before the job is looked at again.
  private static let patience = Duration.seconds(30)
  private static let mostLooks = 20

  /// Has those jobs of a backup killed that have not begun when the window closes, where the window says
  /// `still_queued = "kill"`. To be called when the jobs are known.
  func killIfStillQueued(_ backup: Backup, at center: CommandCenter) {
    // A job that was there already is somebody else's.
    guard !backup.attempt.isAttached, !bounds.rules.submitsLate, let hours = bounds.with({ $0.hours }),
      let closes = hours.closes,
      hours.window.stillQueued == .kill, let last = hours.window.lastStart
    else { return }
    let why = hours.window.text("last_start", last)
    let timer = clock.schedule(at: closes) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: center.taskExecutor) {
        for job in backup.attempt.jobIds.compactMap({ Int64($0) }) {
          await self.killIfQueued(job, of: backup, at: center, why)
        }
        self.clock.release()
      }
    }
    backup.whenFinished { [clock] _ in clock.cancel(timer) }
  }

  private func killIfQueued(_ job: Int64, of backup: Backup, at center: CommandCenter, _ why: String) async {
    func tell(_ message: String) {
      log(LogLine(level: .warning, message: "job \(job) of \(backup.attempt.name) \(message)", fields: []))
    }
    do throws(CommandCenterError) {
      // What the watcher knows may be a minute old: a job that has begun is left alone.
      for _ in 1...Self.mostLooks {
        guard let summary = try await center.job(job), summary.isStillQueued else { return }
        do throws(CommandCenterError) {
          try await center.kill(job, latest: clock.now + Self.patience)
          backup.killed(because: "still queued at \(why), so this run killed it")
          return tell("was still queued at \(why): killed, as run.window says")
        } catch {
          guard error.kind == .tooLate else { throw error }
        }
      }
      tell("was still queued at \(why), and the server took no more requests: it is left")
    } catch {
      tell("was still queued at \(why), and could not be killed: \(error.message)")
    }
  }
}

extension JobSummary {
  /// It waits for its turn, and has never run. A job that waits in its midst has done something already.
  var isStillQueued: Bool {
    (status == .queued || status == .waiting) && percentComplete == 0 && sizeOfApplication == 0
      && totalNumOfFiles == 0
  }
}
