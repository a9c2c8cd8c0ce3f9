/// A job as `GET /Job/{id}` and `POST /Jobs` tell of it. What an answer leaves out is empty, 0 or nil here.
///
/// Times are unix seconds, sizes bytes.
public struct JobSummary: Hashable, Sendable {
  public var jobId: Int64
  public var status: JobStatus
  public var localizedStatus = ""
  /// 0 to 100. A job that failed to start says 100, too.
  public var percentComplete: Int64 = 0
  public var pendingReason = ""
  public var pendingReasonErrorCode = ""
  public var jobSubmitErrorCode: Int64 = 0
  public var jobType = ""
  /// The level by number; see ``BackupLevel``. 0 where it has none.
  public var backupLevel: Int64 = 0
  /// The level really run, as the server displays it: a first incremental may have become `Full`.
  public var backupLevelName = ""
  public var currentPhaseName = ""
  public var sizeOfApplication: Int64 = 0
  public var sizeOfMediaOnDisk: Int64 = 0
  public var totalNumOfFiles: Int64 = 0
  public var totalFailedFiles: Int64 = 0
  public var totalFailedFolders: Int64 = 0
  public var percentSavings: Double = 0
  /// Seconds.
  public var jobElapsedTime: Int64 = 0
  public var jobStartTime: Int64 = 0
  /// Nil while the job has not ended.
  public var jobEndTime: Int64?
  public var lastUpdateTime: Int64 = 0
  public var appTypeName = ""
  public var subclientName = ""
  public var destClientName = ""
  public var subclient = Subclient()
  public var userName = User()

  /// What the job backs up.
  public struct Subclient: Hashable, Sendable {
    public var clientName = ""
    public var instanceName = ""
    public var backupsetName = ""
    public var subclientName = ""
    public var appName = ""
    public var clientId: Int64 = 0
    public var instanceId: Int64 = 0
    public var backupsetId: Int64 = 0
    public var subclientId: Int64 = 0
    public var applicationId: Int64 = 0

    public init() {}
  }

  /// Who submitted the job.
  public struct User: Hashable, Sendable {
    public var userName = ""
    public var userId: Int64 = 0

    public init() {}
  }

  public init(jobId: Int64, status: JobStatus) {
    self.jobId = jobId
    self.status = status
  }

  /// The level really run; nil where the server named none that is known.
  public var levelRun: BackupLevel? {
    BackupLevel(named: backupLevelName) ?? BackupLevel(number: backupLevel)
  }
}
