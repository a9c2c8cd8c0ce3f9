import Clock
import CommandCenterAPI

extension SimulatorView {
  /// The view as a JSON object: `requests` with `method`, `path` and `count`; `limits` with `writes` and
  /// `reads`; `most_at_once`; and `jobs`.
  public func encoded() -> [UInt8] {
    var json = JSONWriter(capacity: 1024 + 256 * jobs.count)
    json.beginObject()
    json.key("requests")
    json.beginArray()
    for request in requests {
      json.beginObject()
      json.member("method", request.method)
      json.member("path", request.path)
      json.member("count", Int64(request.count))
      json.endObject()
    }
    json.endArray()
    json.key("limits")
    json.beginObject()
    Self.write("writes", writes, to: &json)
    Self.write("reads", reads, to: &json)
    json.endObject()
    json.member("most_at_once", Int64(mostAtOnce))
    json.key("jobs")
    json.beginArray()
    for job in jobs {
      json.beginObject()
      json.member("job_id", job.jobId)
      json.member("task_id", job.taskId)
      json.member("workload", job.workload)
      json.member("target", job.target)
      json.member("status", job.status)
      json.member("submitted", job.submitted.iso8601)
      if let ended = job.ended { json.member("ended", ended.iso8601) }
      json.member("description", job.description)
      json.member("user", job.user)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }

  private static func write(_ name: String, _ usage: Usage, to json: inout JSONWriter) {
    json.key(name)
    json.beginObject()
    if let limit = usage.limit { json.member("limit", Int64(limit)) }
    json.member("most_in_an_hour", Int64(usage.mostInAnHour))
    json.member("refused", Int64(usage.refused))
    json.endObject()
  }
}
