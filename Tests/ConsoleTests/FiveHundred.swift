import Clock
import CommandCenterAPI
@testable import Console
import Workflow

/// A night of 500 backups in five instances, as its events tell of it an hour after it began.
struct FiveHundred {
  static let start = Moment(unixSeconds: Int64(1_795_298_400))
  static let now = start + .seconds(3600)

  private(set) var state = ProgressState()

  init() {
    let instances = [
      ("dynamodb", "aws-prod/DynamoDB"), ("rds", "aws-prod/eu-west-1"), ("documentdb", "aws-prod/DocumentDB"),
      ("mssql", "数据库/SQL-07"), ("oracle", "erp.example.com/ORACLE PRODUCTION 19c"),
    ]
    for number in 1...500 {
      let (workload, path) = instances[number % 5]
      var attempt = Attempt(
        number: number, commcell: "default", workload: workload, target: "\(path)/table-\(number)",
        attempt: 1, levelAsked: number.isMultiple(of: 7) ? "FULL" : "INCREMENTAL",
        started: Self.start + .seconds(number))
      if number > 440 {
        take(.waiting(attempt, "for pool aws-prod"), 1)
        continue
      }
      attempt.jobIds = ["\(148_885 + number)"]
      take(.submitted(attempt), 2)
      var job = JobSummary(jobId: Int64(148_885 + number), status: .running)
      job.currentPhaseName = number.isMultiple(of: 3) ? "Scan" : "Backup"
      job.percentComplete = Int64(number % 90 + 8)
      job.sizeOfApplication = Int64(number) * 321_000_000
      if number % 40 == 11 {
        job.status = .pending
        job.pendingReason = "No resources: the library \u{1B}[31mTAPE 4 is\n offline."
      }
      attempt.jobs = [job]
      take(.changed(attempt, job), 2000 + number)
      guard number < 330 else { continue }
      attempt.finished = Self.start + .seconds(2400 + number)
      attempt.bytes = job.sizeOfApplication
      attempt.outcome = number % 90 == 5 ? .failed : number % 100 == 50 ? .skipped : .completed
      attempt.isOk = attempt.outcome == .completed
      if attempt.outcome == .failed {
        attempt.reason = "The table could not be read: its capacity was used up."
      }
      take(.finished(attempt), 2400 + number)
    }
  }

  private mutating func take(_ event: RunEvent, _ seconds: Int) {
    _ = state.take(event, at: Self.start + .seconds(seconds))
  }
}
