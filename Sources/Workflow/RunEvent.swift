public import CommandCenterAPI

/// What happens in a run, as it happens. The console's views are made of these.
public enum RunEvent: Sendable {
  /// An attempt waits before it is sent: for what.
  case waiting(Attempt, String)
  /// What an earlier life of the run did: an attempt that is over, or whose jobs are waited for.
  case restored(Attempt)
  /// A payload is about to go out.
  case sending(Attempt, BackupRequest)
  /// A payload went out and the server took it.
  case submitted(Attempt)
  /// The state of an attempt's job changed: its new status, phase or reason to wait.
  case changed(Attempt, JobSummary)
  /// An attempt has its outcome.
  case finished(Attempt)
  /// The Command Center stopped answering, and is asked again and again. Its name in the script, and what people call
  /// it.
  case outage(commcell: String, name: String, reason: String)
  /// It answers again.
  case recovered(commcell: String, name: String)
  /// A branch raised and nobody looks at it, or a record says so.
  case branchFailed(BranchFailure)
  /// Something needs a human.
  case attention(AttentionReason)
  /// The script's own word.
  case logged(LogLine)
}

/// A branch that raised: a mistake of the script.
public struct BranchFailure: Hashable, Sendable {
  /// The sentence with its place.
  public var sentence: String
  public var traceback: String?

  public init(sentence: String, traceback: String? = nil) {
    self.sentence = sentence
    self.traceback = traceback
  }
}

/// A line that the script logs.
public struct LogLine: Hashable, Sendable {
  public enum Level: String, CaseIterable, Sendable {
    case debug, info, warning, error
  }

  public var level: Level
  public var message: String
  /// Names and values as text, in order.
  public var fields: [Field]

  public struct Field: Hashable, Sendable {
    public var name: String
    public var value: String
  }

  public init(level: Level, message: String, fields: [(String, String)]) {
    self.level = level
    self.message = message
    self.fields = fields.map { Field(name: $0.0, value: $0.1) }
  }
}
