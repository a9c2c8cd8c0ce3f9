public import Clock

/// What a client has to tell that is no answer to a question.
public enum CommandCenterEvent: Sendable {
  /// Jobs are waited for, and the server has not answered for a while. Told once for each outage.
  case outageBegan(CommandCenterError)
  /// It answers again, after so long.
  case outageEnded(Duration)
  /// A job is in a state that no list names. It is polled on. Told once for each job and status.
  case unknownStatus(jobId: Int64, status: String)
  /// So many writes wait for their turn under what the server grants, and the last of them goes out then. Told
  /// where that is long, and again where it has become much longer.
  case delayed(waiting: Int, last: Moment, limit: RateLimits.Rate?)
  /// Something that an operator should know, in one sentence.
  case warning(String)
}
