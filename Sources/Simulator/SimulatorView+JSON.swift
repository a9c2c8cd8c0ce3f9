import CommandCenterAPI

extension SimulatorView {
  /// The view as a JSON object: `requests` with `method`, `path` and `count`, and `jobs`.
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
    json.key("jobs")
    json.beginArray()
    for job in jobs {
      json.beginObject()
      json.member("job_id", job.jobId)
      json.member("task_id", job.taskId)
      json.member("workload", job.workload)
      json.member("target", job.target)
      json.member("status", job.status)
      json.member("description", job.description)
      json.member("user", job.user)
      json.endObject()
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }
}
