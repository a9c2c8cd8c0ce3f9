import Clock
import CommandCenterAPI

/// A job in memory: what was asked, and the timeline that tells the rest.
struct SimulatedJob {
  let id: Int64
  let taskId: Int64
  /// Index of the subclient in the inventory.
  let subclient: Int
  /// The target as the submit names it.
  let target: String
  let level: BackupLevel
  /// The level that was asked for; nil where somebody else's scheduler began the job.
  let asked: BackupLevel?
  let user: String
  /// The submit's `commonOpts.jobDescription`.
  let description: String
  let submitted: Moment
  /// Until then, lists and questions for it do not know the job.
  let visibleFrom: Moment
  let volume: Volume
  var timeline: Timeline
  /// Set when its end has been noticed; then the timeline does not change any more.
  var isFinished = false

  /// How much a job copies when it copies everything.
  struct Volume {
    /// Bytes.
    var size: Int64
    var files: Int64
    /// Percent that compression and deduplication save, 0 to 100.
    var savings: Double
    var failedFiles: Int64 = 0
  }

  /// The job as job lists tell of it.
  func summary(at now: Moment, _ inventory: Inventory) -> JobSummary {
    let state = timeline.state(at: now)
    let isOver = state.status.isTerminal
    var summary = JobSummary(jobId: id, status: state.status)
    summary.localizedStatus = state.status.name
    // A job that failed to start says 100, as on a real server.
    summary.percentComplete = state.status == .failedToStart ? 100 : Int64(state.work * 100)
    summary.pendingReason = state.reason
    summary.jobType = "Backup"
    summary.backupLevel = level.number ?? 0
    summary.backupLevelName = level.displayName
    summary.currentPhaseName = state.phase
    summary.sizeOfApplication = Int64(Double(volume.size) * state.work)
    summary.sizeOfMediaOnDisk = Int64(Double(summary.sizeOfApplication) * (1 - volume.savings / 100))
    summary.totalNumOfFiles = Int64(Double(volume.files) * state.work)
    if isOver { summary.totalFailedFiles = volume.failedFiles }
    summary.percentSavings = state.work > 0 ? volume.savings : 0
    let end = isOver ? state.since : now
    summary.jobStartTime = submitted.unixSeconds
    summary.jobElapsedTime = end.unixSeconds - submitted.unixSeconds
    if isOver { summary.jobEndTime = end.unixSeconds }
    summary.lastUpdateTime = end.unixSeconds
    summary.subclient = inventory.association(of: subclient)
    summary.appTypeName = summary.subclient.appName
    summary.subclientName = summary.subclient.subclientName
    summary.destClientName = summary.subclient.clientName
    summary.userName.userName = user
    summary.userName.userId = 1
    return summary
  }
}

extension BackupLevel {
  /// The level as the server displays it.
  var displayName: String {
    switch self {
    case .full: "Full"
    case .incremental: "Incremental"
    case .differential: "Differential"
    case .syntheticFull: "Synthetic Full"
    case .transactionLog: "Transaction Log"
    }
  }
}
