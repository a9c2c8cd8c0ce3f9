import Clock
import CommandCenterAPI
import HTTPTypes

extension CommCell {
  /// `GET /Job/{id}`
  func job(_ id: Int64, at now: Moment) -> Answer {
    let jobs = book.index(of: id, at: now).map { [book.jobs[$0].summary(at: now, inventory)] } ?? []
    return Self.list(jobs, total: jobs.count)
  }

  /// `POST /Jobs`
  func listJobs(_ body: [UInt8], at now: Moment) -> Answer {
    guard let query = try? JobQuery(decoding: body) else { return .badRequest }
    var indices: [Int] = []
    if query.category != .finished { indices += book.activeJobs }
    if query.category != .active {
      let seconds = Double(query.completedJobLookupTime) * settings.clockSpeed
      // Thirty years are all that there is; far more than that is no moment.
      indices += book.finishedJobs(since: now - .seconds(max(0, min(seconds, 1e9))))
    }
    if query.category != .active || query.sortDirection == .descending {
      // Ids ascend with indices, so these sort for `jobId`, the one order that a client may rely on.
      if query.sortDirection == .descending { indices.sort(by: >) } else { indices.sort() }
    }
    indices.removeAll { !isWanted($0, query, at: now) }
    let page = indices.dropFirst(Int(clamping: query.offset)).prefix(Int(clamping: query.limit))
    return Self.list(page.map { book.jobs[$0].summary(at: now, inventory) }, total: indices.count)
  }

  private func isWanted(_ index: Int, _ query: JobQuery, at now: Moment) -> Bool {
    let job = book.jobs[index]
    guard job.visibleFrom <= now else { return false }
    if !query.statuses.isEmpty && !query.statuses.contains(job.timeline.state(at: now).status) {
      return false
    }
    if !query.jobTypes.isEmpty && !query.jobTypes.contains("Backup") { return false }
    if query.clientIds.isEmpty && query.entity == nil { return true }
    let names = inventory.association(of: job.subclient)
    if !query.clientIds.isEmpty && !query.clientIds.contains(names.clientId) { return false }
    guard let entity = query.entity else { return true }
    return entity.clientId.map { $0 == names.clientId } ?? true
      && entity.instanceId.map { $0 == names.instanceId } ?? true
      && entity.backupsetId.map { $0 == names.backupsetId } ?? true
      && entity.subclientId.map { $0 == names.subclientId } ?? true
  }

  private static func list(_ jobs: [JobSummary], total: Int) -> Answer {
    var json = JSONWriter(capacity: 64 + 1200 * jobs.count)
    JobList(totalRecordsWithoutPaging: Int64(total), jobs: jobs).write(to: &json)
    return Answer(.ok, json.bytes)
  }

  /// `POST /Job/{id}/action/…`
  mutating func act(_ action: Route.Action, onJob id: Int64, at now: Moment) -> Answer {
    guard let index = book.index(of: id, at: now) else {
      return .errorList(2, "Job [\(id)] does not exist.")
    }
    let isDone = book.change(index) { timeline in
      switch action {
      case .pause: timeline.pause(at: now)
      case .resume: timeline.resume(at: now)
      case .kill: timeline.kill(at: now, reason: "The job was killed by \(settings.user).")
      }
    }
    if isDone { return .object { _ in } }
    let status = book.jobs[index].timeline.state(at: now).status.name
    return .errorList(3, "Job [\(id)] is \(status): it cannot \(action.rawValue) now.")
  }

  /// `POST /JobDetails`
  func jobDetails(_ body: [UInt8], at now: Moment) -> Answer {
    guard let id = (try? JSONValue(parsing: body))?["jobId"]?.int64 else { return .badRequest }
    guard let index = book.index(of: id, at: now) else {
      return .object { json in
        json.key("error")
        json.beginObject()
        json.key("errList")
        json.beginArray()
        json.beginObject()
        json.member("errorCode", 2 as Int64)
        json.member("errLogMessage", "Job [\(id)] does not exist.")
        json.endObject()
        json.endArray()
        json.endObject()
      }
    }
    let job = book.jobs[index]
    let summary = job.summary(at: now, inventory)
    return .object { json in
      json.key("job")
      json.beginObject()
      json.key("jobDetail")
      json.beginObject()
      Self.writeDetails(of: summary, to: &json)
      json.key("generalInfo")
      json.beginObject()
      json.member("jobId", id)
      json.member("backupType", summary.backupLevelName)
      json.member("jobStartedFrom", "Command Center")
      // Where a real server has it here is not known; TaskDetails is the place to look.
      json.member("jobDescription", job.description)
      json.member("startedBy", summary.userName.userName)
      // Unknown, in the server's words.
      json.member("jobPriority", -999 as Int64)
      json.key("taskData")
      json.beginObject()
      json.member("taskId", job.taskId)
      json.endObject()
      json.endObject()
      json.endObject()
      json.endObject()
    }
  }

  private static func writeDetails(of summary: JobSummary, to json: inout JSONWriter) {
    json.key("detailInfo")
    json.beginObject()
    // Sizes come as strings here.
    json.member("sizeOfApplication", String(summary.sizeOfApplication))
    json.member("compressedBytes", String(summary.sizeOfMediaOnDisk))
    json.member("numOfObjects", summary.totalNumOfFiles)
    json.member("failures", String(summary.totalFailedFiles))
    json.member("startTime", summary.jobStartTime)
    if let end = summary.jobEndTime { json.member("endTime", end) }
    json.endObject()
    json.key("progressInfo")
    json.beginObject()
    json.member("state", summary.status.name)
    json.member("percentComplete", summary.percentComplete)
    json.member("currentPhase", summary.currentPhaseName)
    json.member("reasonForJobDelay", summary.pendingReason)
    json.endObject()
  }

  /// `GET /Job/{id}/TaskDetails`
  func taskDetails(_ id: Int64, at now: Moment) -> Answer {
    guard let index = book.index(of: id, at: now) else { return .object { _ in } }
    let job = book.jobs[index]
    return .object { json in
      json.key("taskInfo")
      json.beginObject()
      json.key("task")
      json.beginObject()
      json.member("taskId", job.taskId)
      json.member("taskType", TaskType.immediate.number ?? 1)
      json.member("ownerName", job.user)
      json.endObject()
      json.key("associations")
      json.beginArray()
      Self.write(inventory.association(of: job.subclient), .subclient, to: &json)
      json.endArray()
      json.key("subTasks")
      json.beginArray()
      json.beginObject()
      json.key("options")
      json.beginObject()
      json.key("backupOpts")
      json.beginObject()
      json.member("backupLevel", job.level.number ?? 0)
      json.endObject()
      json.key("commonOpts")
      json.beginObject()
      json.member("jobDescription", job.description)
      json.endObject()
      json.endObject()
      json.endObject()
      json.endArray()
      json.endObject()
    }
  }
}
