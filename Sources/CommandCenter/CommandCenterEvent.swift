/// What a client has to tell that is no answer to a question.
public enum CommandCenterEvent: Sendable {
  /// Jobs are waited for, and the server has not answered for a while. Told once for each outage.
  case outageBegan(CommandCenterError)
  /// It answers again, after so long.
  case outageEnded(Duration)
  /// A job is in a state that no list names. It is polled on. Told once for each job and status.
  case unknownStatus(jobId: Int64, status: String)
  /// Something that an operator should know, in one sentence.
  case warning(String)
}
