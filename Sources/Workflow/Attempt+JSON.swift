internal import Clock
internal import CommandCenterAPI

extension Attempt {
  /// How it ended, for the journal: no payload, no secret.
  func encodedResult() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    if let outcome { json.member("outcome", outcome.rawValue) }
    json.member("ok", isOk)
    if let reason { json.member("reason", reason) }
    if let levelRun { json.member("level_run", levelRun) }
    if let taskId { json.member("task_id", taskId) }
    json.member("job_ids", jobIds)
    if let bytes { json.member("bytes", bytes) }
    if isAttached { json.member("attached", true) }
    if !suspendedJobs.isEmpty { json.member("suspended", suspendedJobs) }
    json.member("started", started.nanoseconds)
    if let finished { json.member("finished", finished.nanoseconds) }
    json.endObject()
    return json.bytes
  }

  /// The job that a result is attached to, of an attempt that has no outcome yet.
  static func attachedJob(in result: [UInt8]?) -> String? {
    guard let result, let json = try? JSONValue(parsing: result), json["attached"]?.bool ?? false else {
      return nil
    }
    return json["job_ids"]?.array?.first?.string
  }

  /// Takes what ``encodedResult()`` has kept.
  ///
  /// - Returns: false where it is no such thing.
  mutating func take(result: [UInt8]) -> Bool {
    guard let json = try? JSONValue(parsing: result),
      let outcome = json["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
      let started = json["started"]?.int64
    else { return false }
    self.outcome = outcome
    isAttached = json["attached"]?.bool ?? false
    suspendedJobs = (json["suspended"]?.array ?? []).compactMap(\.string)
    isOk = json["ok"]?.bool ?? false
    reason = json["reason"]?.string
    levelRun = json["level_run"]?.string
    taskId = json["task_id"]?.int64
    jobIds = (json["job_ids"]?.array ?? []).compactMap(\.string)
    bytes = json["bytes"]?.int64
    self.started = Moment(nanoseconds: started)
    finished = json["finished"]?.int64.map { Moment(nanoseconds: $0) }
    return true
  }
}
