import CommandCenterAPI
import Testing

@Suite("A list of jobs")
struct JobListTests {
  static let body = """
    {"processinginstructioninfo":{},"totalRecordsWithoutPaging":3,"jobs":[{"jobSummary":{
    "sizeOfApplication":82679,"backupSetName":"defaultBackupSet","opType":4,"totalFailedFolders":0,
    "totalFailedFiles":1,"percentSavings":81.5,"localizedStatus":"Abgeschlossen","isAged":false,
    "totalNumOfFiles":"12","jobId":148886,"jobSubmitErrorCode":0,"sizeOfMediaOnDisk":"15302",
    "currentPhase":0,"status":"Completed","lastUpdateTime":1745822333,"percentComplete":100,
    "jobType":"Backup","backupLevel":2,"backupLevelName":"Incremental","appTypeName":"Cloud Apps",
    "currentPhaseName":"Archive Index","pendingReason":"","pendingReasonErrorCode":"","jobElapsedTime":151,
    "jobStartTime":1745822182,"jobEndTime":1745822333,"subclientName":"orders","destClientName":"aws-prod",
    "storagePolicy":{"storagePolicyName":"plan","storagePolicyId":3},
    "subclient":{"clientName":"aws-prod","instanceName":"DynamoDB","backupsetId":12,"instanceId":9,
    "subclientId":1042,"clientId":77,"appName":"Cloud Apps","backupsetName":"defaultBackupSet",
    "applicationId":134,"subclientName":"orders"},"userName":{"userName":"backup","userId":5}}},
    {"jobSummary":{"jobId":"148887","status":"Running","jobEndTime":0,"percentComplete":"40"}},
    {"jobSummary":{"status":"Failed"}}]}
    """

  static let completed: JobSummary = {
    var job = JobSummary(jobId: 148_886, status: .completed)
    job.localizedStatus = "Abgeschlossen"
    job.percentComplete = 100
    job.jobType = "Backup"
    job.backupLevel = 2
    job.backupLevelName = "Incremental"
    job.currentPhaseName = "Archive Index"
    job.sizeOfApplication = 82_679
    job.sizeOfMediaOnDisk = 15_302
    job.totalNumOfFiles = 12
    job.totalFailedFiles = 1
    job.percentSavings = 81.5
    job.jobElapsedTime = 151
    job.jobStartTime = 1_745_822_182
    job.jobEndTime = 1_745_822_333
    job.lastUpdateTime = 1_745_822_333
    job.appTypeName = "Cloud Apps"
    job.subclientName = "orders"
    job.destClientName = "aws-prod"
    job.subclient.clientName = "aws-prod"
    job.subclient.instanceName = "DynamoDB"
    job.subclient.backupsetName = "defaultBackupSet"
    job.subclient.subclientName = "orders"
    job.subclient.appName = "Cloud Apps"
    job.subclient.clientId = 77
    job.subclient.instanceId = 9
    job.subclient.backupsetId = 12
    job.subclient.subclientId = 1042
    job.subclient.applicationId = 134
    job.userName.userName = "backup"
    job.userName.userId = 5
    return job
  }()

  @Test("is decoded with what is missing, or a string that should be a number")
  func decode() throws {
    var running = JobSummary(jobId: 148_887, status: .running)
    running.percentComplete = 40
    #expect(
      try JobList.decode(status: 200, body: Array(Self.body.utf8))
        == JobList(totalRecordsWithoutPaging: 3, jobs: [Self.completed, running]))
    #expect(Self.completed.levelRun == .incremental)
  }

  @Test("may be empty for a while after a submit", arguments: [#"{"totalRecordsWithoutPaging":0}"#, "{}"])
  func empty(body: String) throws {
    #expect(
      try JobList.decode(status: 200, body: Array(body.utf8))
        == JobList(totalRecordsWithoutPaging: 0, jobs: []))
  }

  @Test("reads back as it was written")
  func roundTrip() throws {
    let list = JobList(
      totalRecordsWithoutPaging: 2, jobs: [Self.completed, JobSummary(jobId: 1, status: .unknown("Odd"))])
    var json = JSONWriter()
    list.write(to: &json)
    #expect(try JobList.decode(status: 200, body: json.bytes) == list)
  }

  @Test(
    "that is none is an error",
    arguments: [
      (401, #"{"errorMessage":"Access denied","errorCode":5}"#, ServerError.Kind.accessDenied),
      (200, #"{"errorMessage":"Job not found","errorCode":1}"#, .rejected),
      (200, "<html><title>Busy</title></html>", .unintelligible),
      (200, "[]", .unintelligible),
      (200, #"{"something":"else"}"#, .unintelligible),
      (200, "", .unintelligible),
      (502, "", .unintelligible),
      (200, String(body.dropLast(2)), .unintelligible),
    ])
  func error(status: Int, body: String, kind: ServerError.Kind) {
    #expect {
      try JobList.decode(status: status, body: Array(body.utf8))
    } throws: {
      ($0 as? ServerError)?.kind == kind
    }
  }
}
