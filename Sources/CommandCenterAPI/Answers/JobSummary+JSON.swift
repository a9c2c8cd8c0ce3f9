extension JobSummary {
  /// Reads a `jobSummary` object. Numbers may come as strings, and anything may be missing.
  public init(from reader: inout JSONReader) throws(JSONError) {
    self.init(jobId: 0, status: .unknown(""))
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "jobId": jobId = try reader.int64() ?? 0
      case "status": status = JobStatus(try reader.text() ?? "")
      case "localizedStatus": localizedStatus = try reader.text() ?? ""
      case "percentComplete": percentComplete = try reader.int64() ?? 0
      case "pendingReason": pendingReason = try reader.text() ?? ""
      case "pendingReasonErrorCode": pendingReasonErrorCode = try reader.text() ?? ""
      case "jobSubmitErrorCode": jobSubmitErrorCode = try reader.int64() ?? 0
      case "jobType": jobType = try reader.text() ?? ""
      case "backupLevel": backupLevel = try reader.int64() ?? 0
      case "backupLevelName": backupLevelName = try reader.text() ?? ""
      case "currentPhaseName": currentPhaseName = try reader.text() ?? ""
      case "sizeOfApplication": sizeOfApplication = try reader.int64() ?? 0
      case "sizeOfMediaOnDisk": sizeOfMediaOnDisk = try reader.int64() ?? 0
      case "totalNumOfFiles": totalNumOfFiles = try reader.int64() ?? 0
      case "totalFailedFiles": totalFailedFiles = try reader.int64() ?? 0
      case "totalFailedFolders": totalFailedFolders = try reader.int64() ?? 0
      case "percentSavings": percentSavings = try reader.double() ?? 0
      case "jobElapsedTime": jobElapsedTime = try reader.int64() ?? 0
      case "jobStartTime": jobStartTime = try reader.int64() ?? 0
      // Servers send 0 for "not yet", which is no moment in 1970.
      case "jobEndTime": jobEndTime = try reader.int64().flatMap { $0 > 0 ? $0 : nil }
      case "lastUpdateTime": lastUpdateTime = try reader.int64() ?? 0
      case "appTypeName": appTypeName = try reader.text() ?? ""
      case "subclientName": subclientName = try reader.text() ?? ""
      case "destClientName": destClientName = try reader.text() ?? ""
      case "subclient": subclient = try Subclient(from: &reader)
      case "userName": userName = try User(from: &reader)
      default: try reader.skipValue()
      }
    }
  }

  /// Writes a `jobSummary` object as a server does.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("jobId", jobId)
    json.member("isVisible", true)
    json.member("status", status.name)
    json.member("localizedStatus", localizedStatus)
    json.member("percentComplete", percentComplete)
    json.member("pendingReason", pendingReason)
    json.member("pendingReasonErrorCode", pendingReasonErrorCode)
    json.member("jobSubmitErrorCode", jobSubmitErrorCode)
    json.member("jobType", jobType)
    json.member("backupLevel", backupLevel)
    json.member("backupLevelName", backupLevelName)
    json.member("currentPhaseName", currentPhaseName)
    json.member("sizeOfApplication", sizeOfApplication)
    json.member("sizeOfMediaOnDisk", sizeOfMediaOnDisk)
    json.member("totalNumOfFiles", totalNumOfFiles)
    json.member("totalFailedFiles", totalFailedFiles)
    json.member("totalFailedFolders", totalFailedFolders)
    json.member("percentSavings", percentSavings)
    json.member("jobElapsedTime", jobElapsedTime)
    json.member("jobStartTime", jobStartTime)
    if let jobEndTime { json.member("jobEndTime", jobEndTime) }
    json.member("lastUpdateTime", lastUpdateTime)
    json.member("appTypeName", appTypeName)
    json.member("subclientName", subclientName)
    json.member("destClientName", destClientName)
    json.key("subclient")
    subclient.write(to: &json)
    json.key("userName")
    userName.write(to: &json)
    json.endObject()
  }
}

extension JobSummary.Subclient {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init()
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "clientName": clientName = try reader.text() ?? ""
      case "instanceName": instanceName = try reader.text() ?? ""
      case "backupsetName": backupsetName = try reader.text() ?? ""
      case "subclientName": subclientName = try reader.text() ?? ""
      case "appName": appName = try reader.text() ?? ""
      case "clientId": clientId = try reader.int64() ?? 0
      case "instanceId": instanceId = try reader.int64() ?? 0
      case "backupsetId": backupsetId = try reader.int64() ?? 0
      case "subclientId": subclientId = try reader.int64() ?? 0
      case "applicationId": applicationId = try reader.int64() ?? 0
      default: try reader.skipValue()
      }
    }
  }

  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("clientName", clientName)
    json.member("instanceName", instanceName)
    json.member("backupsetId", backupsetId)
    json.member("instanceId", instanceId)
    json.member("subclientId", subclientId)
    json.member("clientId", clientId)
    json.member("appName", appName)
    json.member("backupsetName", backupsetName)
    json.member("applicationId", applicationId)
    json.member("subclientName", subclientName)
    json.endObject()
  }
}

extension JobSummary.User {
  init(from reader: inout JSONReader) throws(JSONError) {
    self.init()
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "userName": userName = try reader.text() ?? ""
      case "userId": userId = try reader.int64() ?? 0
      default: try reader.skipValue()
      }
    }
  }

  func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("userName", userName)
    json.member("userId", userId)
    json.endObject()
  }
}
