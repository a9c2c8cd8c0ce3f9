/// The answer of `POST /createtask` to a submit that was taken.
public struct SubmitAnswer: Hashable, Sendable {
  /// 0 where the server named none.
  public var taskId: Int64
  /// Several where one submit made several jobs; none for a schedule.
  public var jobIds: [String]

  public init(taskId: Int64, jobIds: [String]) {
    self.taskId = taskId
    self.jobIds = jobIds
  }

  /// Writes the answer as a server does.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("taskId", taskId)
    json.key("jobIds")
    json.beginArray()
    for id in jobIds { json.string(id) }
    json.endArray()
    json.endObject()
  }
}

/// Decodes the answer of `POST /createtask`. Ids may be strings or numbers. An answer that names a job is
/// taken for one whatever else it says, since a job that exists must not be lost.
///
/// - Throws: what the server says went wrong, or `.unintelligible` where a job may have been made.
public func decodeSubmit(status: Int, body: [UInt8]) throws(ServerError) -> SubmitAnswer {
  let json = try? JSONValue(parsing: body)
  let taskId = json?["taskId"]?.int64 ?? 0
  let jobIds = (json?["jobIds"]?.array ?? []).compactMap(jobId)
  if !jobIds.isEmpty { return SubmitAnswer(taskId: taskId, jobIds: jobIds) }
  if let error = ServerError.decode(status: status, body: body) { throw error }
  guard taskId > 0 else { throw .unintelligible(status, body) }
  return SubmitAnswer(taskId: taskId, jobIds: [])
}

/// Decodes an answer that is good unless it tells of an error, such as that of an action on a job.
///
/// - Throws: what the server says went wrong.
public func decodeAcknowledgement(status: Int, body: [UInt8]) throws(ServerError) {
  if let error = ServerError.decode(status: status, body: body) { throw error }
}

/// An id as servers write it, in a string or not; nil for what is no job's, such as `"0"`.
private func jobId(_ json: JSONValue) -> String? {
  let text =
    switch json {
    case .integer(let number): String(number)
    case .string(let text): text.trimmed
    default: ""
    }
  return text.isEmpty || text == "0" ? nil : text
}
