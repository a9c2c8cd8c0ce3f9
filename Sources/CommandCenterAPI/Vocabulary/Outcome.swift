/// How a backup came out, by the name that scripts see. Declared from the best to the worst.
public enum Outcome: String, CaseIterable, Hashable, Sendable {
  case completed
  /// Completed, with something worth reading.
  case warnings
  /// The script chose not to submit it.
  case skipped
  /// Completed, but not everything is in the backup.
  case errors
  /// Ended early by someone who chose to keep what had been copied.
  case committed
  case failed
  case failedToStart = "failed_to_start"
  case killed
  /// Refused, because another backup of the target runs.
  case busy
  /// The server said no.
  case rejected
  /// Nothing got through to the server, so no job exists.
  case unreachable
  /// A time-out of ours; the job runs on.
  case gaveUp = "gave_up"
  /// Submitted, but no answer tells whether a job exists; or the job that the server made of it backs up
  /// something else.
  case ambiguous
  /// A branch of the script raised.
  case error

  /// Whether this counts as good where the script does not say otherwise by `ok_if`.
  public var isOkByDefault: Bool { self == .completed || self == .warnings }

  /// 0 is the best.
  public var severity: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }

  /// What several jobs come to: the worst decides. Nil where there are none.
  public static func worst(_ outcomes: some Sequence<Outcome>) -> Outcome? {
    outcomes.max { $0.severity < $1.severity }
  }

  /// What a job that ended this way comes to; nil where the status is not terminal, or unknown.
  public init?(_ status: JobStatus) {
    switch status {
    case .completed: self = .completed
    case .completedWithWarnings: self = .warnings
    case .completedWithErrors: self = .errors
    case .committed: self = .committed
    case .failed: self = .failed
    case .failedToStart: self = .failedToStart
    case .killed: self = .killed
    default: return nil
    }
  }
}
