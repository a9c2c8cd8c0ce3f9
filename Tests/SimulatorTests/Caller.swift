import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Synchronization
import Testing

/// Speaks to a simulator as a client would, on a clock that a test sets.
struct Caller {
  let clock: SettableClock
  let simulator: Simulator
  var token = ""

  static let evening = Moment(unixSeconds: 1_790_000_000 as Int64)

  init(
    seed: UInt64 = 1, faults: String = "", inventory: Inventory? = nil,
    settings: SimulatorSettings = SimulatorSettings(), loggedIn: Bool = true
  ) throws {
    clock = SettableClock(Self.evening)
    simulator = Simulator(
      clock: clock, seed: seed, faults: try FaultPlan.parse(faults), inventory: inventory, settings: settings)
    if loggedIn { token = try logIn() }
  }

  init(clock: SettableClock, simulator: Simulator) {
    self.clock = clock
    self.simulator = simulator
  }

  func send(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") -> (status: Int, body: [UInt8])
  {
    var request = HTTPRequest(
      method: method, scheme: "https", authority: "center", path: "/commandcenter/api" + path)
    if !token.isEmpty { request.headerFields[HTTPField.Name("Authtoken")!] = token }
    let (response, answer) = simulator.answer(request, body: Array(body.utf8))
    return (response.status.code, answer)
  }

  func logIn(_ user: String = "simulator", _ password: String = "simulator") throws -> String {
    let body = LoginRequest(username: user, password: password).encoded()
    let answer = send(.post, "/Login", String(decoding: body, as: UTF8.self))
    return try decodeLogin(status: answer.status, body: answer.body).token
  }

  func submit(_ payload: String) throws -> SubmitAnswer {
    let answer = send(.post, "/createtask", payload)
    return try decodeSubmit(status: answer.status, body: answer.body)
  }

  /// Submits and tells the one job's id.
  func job(_ payload: String) throws -> Int64 {
    let ids = try submit(payload).jobIds
    return try #require(ids.count == 1 ? Int64(ids[0]) : nil)
  }

  func summary(_ id: Int64) throws -> JobSummary? {
    let answer = send(.get, "/Job/\(id)")
    return try JobList.decode(status: answer.status, body: answer.body).jobs.first
  }

  func list(_ query: JobQuery) throws -> JobList {
    let answer = send(.post, "/Jobs", String(decoding: query.encoded(), as: UTF8.self))
    return try JobList.decode(status: answer.status, body: answer.body)
  }

  /// Lets the job go on until it ends, looking every so often.
  ///
  /// - Returns: every status it was seen in, in that order, and the last summary.
  func run(_ id: Int64, every step: Duration = .seconds(1)) throws -> (seen: [String], end: JobSummary) {
    var seen: [String] = []
    while true {
      let job = try #require(try summary(id))
      if seen.last != job.status.name { seen.append(job.status.name) }
      if job.status.isTerminal { return (seen, job) }
      clock.advance(by: step)
    }
  }
}

/// A clock that stands where a test puts it.
final class SettableClock: RunClock {
  private let moment: Mutex<Moment>

  init(_ start: Moment) { moment = Mutex(start) }

  var now: Moment { moment.withLock { $0 } }
  func advance(by duration: Duration) { moment.withLock { $0 = $0 + duration } }
  func hold() {}
  func release() {}

  func schedule(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    fatalError("a simulator keeps no timers")
  }

  func cancel(_ timer: TimerID) -> Bool { false }
}

/// Payloads as the API pages have them.
enum Payload {
  static func dynamodb(_ id: Int, _ level: String = "INCREMENTAL", client: String = "aws-prod") -> String {
    """
    {"taskInfo":{"associations":[{"clientName":"\(client)","instanceName":"DynamoDB","subclientId":\(id),\
    "applicationId":134}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
    "options":{"backupOpts":{"backupLevel":"\(level)"},"commonOpts":{"jobDescription":"night 1"}}}]}}
    """
  }

  static func rds(_ name: String, type: String = "IMMEDIATE") -> String {
    """
    {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"eu-west-1",\
    "_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps","subclientName":"\(name)"}],\
    "task":{"taskType":"\(type)"},"subTasks":[{"subTask":{"subTaskType":"BACKUP","operationType":"BACKUP"},\
    "options":{"backupOpts":{"backupLevel":"FULL"},"commonOpts":{"notifyUserOnJobCompletion":true}}}]}}
    """
  }

  static let mssql = """
    {"taskInfo":{"associations":[{"clientId":23,"instanceId":231,"subclientId":1401,\
    "appName":"SQL Server"}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,\
    "operationType":2},"options":{"backupOpts":{"backupLevel":"TRANSACTION_LOG"}}}]}}
    """

  static let oracle = """
    {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"ERP","subclientName":"default",\
    "appName":"Oracle","applicationId":22}],"task":{"taskType":"IMMEDIATE"},"subTasks":[{"subTask":\
    {"subTaskType":2,"operationType":2},"options":{"backupOpts":{"backupLevel":"FULL"}}}]}}
    """

  static let documentdb = """
    {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DocumentDB",\
    "subclientName":"profiles","backupsetName":"defaultBackupSet"}],"task":{"taskType":1},\
    "subTasks":[{"subTask":{"subTaskType":2,"operationType":2},"options":{"backupOpts":\
    {"backupLevel":"FULL"}}}]}}
    """
}
