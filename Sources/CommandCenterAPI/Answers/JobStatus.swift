/// The state of a job, by the member `status` of a job summary (never `localizedStatus`, which follows the
/// server's language).
public enum JobStatus: Hashable, Sendable {
  // Terminal.
  case completed
  case completedWithWarnings
  case completedWithErrors
  case committed
  case failed
  /// Ended before it began; its percentComplete says 100 all the same.
  case failedToStart
  case killed
  // Not terminal.
  case running
  case waiting
  case pending
  case queued
  case suspend
  case suspended
  case suspendPending
  case killPending
  case interruptPending
  case interrupted
  case runningUnverified
  case abnormalTerminatedCleanup
  /// One that no list names: to be reported and polled on, never taken for success.
  case unknown(String)

  /// Every status that is known by name, the terminal ones first.
  public static let known: [JobStatus] = [
    .completed, .completedWithWarnings, .completedWithErrors, .committed, .failed, .failedToStart, .killed,
    .running, .waiting, .pending, .queued, .suspend, .suspended, .suspendPending, .killPending,
    .interruptPending, .interrupted, .runningUnverified, .abnormalTerminatedCleanup,
  ]

  /// The status as the server displays it.
  public var name: String {
    switch self {
    case .completed: "Completed"
    case .completedWithWarnings: "Completed w/ one or more warnings"
    case .completedWithErrors: "Completed w/ one or more errors"
    case .committed: "Committed"
    case .failed: "Failed"
    case .failedToStart: "Failed to Start"
    case .killed: "Killed"
    case .running: "Running"
    case .waiting: "Waiting"
    case .pending: "Pending"
    case .queued: "Queued"
    case .suspend: "Suspend"
    case .suspended: "Suspended"
    case .suspendPending: "Suspend Pending"
    case .killPending: "Kill Pending"
    case .interruptPending: "Interrupt Pending"
    case .interrupted: "Interrupted"
    case .runningUnverified: "Running (cannot be verified)"
    case .abnormalTerminatedCleanup: "Abnormal Terminated Cleanup"
    case .unknown(let name): name
    }
  }

  /// Whether the job has ended and will not change any more.
  public var isTerminal: Bool {
    switch self {
    case .completed, .completedWithWarnings, .completedWithErrors, .committed, .failed, .failedToStart,
      .killed:
      true
    default: false
    }
  }

  /// - Parameter name: the status as the server displays it; case and surrounding space do not count.
  public init(_ name: String) {
    self = Self.byName[name] ?? Self.byFoldedName[name.trimmed.lowercased()] ?? .unknown(name)
  }

  private static let byName = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0) })
  private static let byFoldedName = Dictionary(uniqueKeysWithValues: known.map { ($0.name.lowercased(), $0) })
}
