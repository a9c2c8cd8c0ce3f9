internal import Clock

/// How long a backup may take, and what is done where it takes longer. All count from its submit, as the journal
/// has it, so that a resume does not start them anew; only progress is watched from the resume on.
public struct TimeLimits: Hashable, Sendable {
  /// What is done when a limit is reached. Each makes the outcome `gave_up`, but for ``kill``.
  public enum Action: String, CaseIterable, Sendable {
    /// Nobody waits any longer; the job runs on.
    case giveUp = "give_up"
    /// The job is suspended.
    case suspend
    /// The job is killed and its end waited for: `killed`.
    case kill
  }

  public struct Limit: Hashable, Sendable {
    public var after: Duration
    public var action: Action

    public init(after: Duration, action: Action = .giveUp) {
      self.after = after
      self.action = action
    }
  }

  /// The limits, by the names that scripts use.
  public enum Kind: String, CaseIterable, Sendable {
    /// From its submit until each of its jobs has begun to run.
    case start = "start_within"
    /// From its submit until its jobs have ended.
    case finish = "finish_within"
    /// From when the script asked for it, waiting for its turn and for other backups included.
    case total = "timeout"
    /// Without any change of phase, per cent, bytes or files.
    case progress = "no_progress"
  }

  /// Warns, once, and waits on.
  public var warnAfter: Duration?
  /// Whether ``Kind/total`` counts the wait for pools too. What a script does not ask for itself drops no backup
  /// that waits for its turn.
  public var countsPools = true
  private var limits: [Kind: Limit] = [:]

  public init() {}

  public subscript(kind: Kind) -> Limit? {
    get { limits[kind] }
    set { limits[kind] = newValue }
  }
}

extension TimeLimits.Kind {
  /// `it has not started within 30m 00s`
  func sentence(_ after: Duration) -> String {
    let time = DurationText.short(after)
    switch self {
    case .start: return "it did not start within \(time)"
    case .finish: return "it did not finish within \(time)"
    case .total: return "it was not over within \(time)"
    case .progress: return "it made no progress for \(time)"
    }
  }
}
