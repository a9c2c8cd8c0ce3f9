import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("Submitting to the simulator")
struct SubmitTests {
  @Test(
    "The page's body makes a job of the right kind",
    arguments: [
      ("dynamodb", Payload.dynamodb(1042), "aws-prod/DynamoDB/1042"),
      ("documentdb", Payload.documentdb, "aws-prod/DocumentDB/profiles"),
      ("rds", Payload.rds("orders"), "aws-prod/eu-west-1/orders"),
      ("mssql", Payload.mssql, "23/231/1401"),
      ("oracle", Payload.oracle, "aws-prod/ERP/default"),
    ])
  func kinds(workload: String, payload: String, target: String) throws {
    let caller = try Caller()
    let id = try caller.job(payload)
    let job = try #require(caller.simulator.view.jobs.first)
    #expect(job.jobId == id)
    #expect(job.workload == workload)
    #expect(job.target == target)
    #expect(!job.isInvented)
  }

  @Test(
    "An empty or malformed body is answered 400 with a bare string",
    arguments: [
      "", "{", "[]", #"{"taskInfo":{}}"#, #"{"taskInfo":{"associations":[]}}"#,
    ])
  func malformed(body: String) throws {
    let answer = try Caller().send(.post, "/createtask", body)
    #expect(answer.status == 400)
    #expect(answer.body == Array("\"Request body is empty or format is invalid\"".utf8))
  }

  @Test("A body that breaks its workload's schema is refused")
  func schema() throws {
    let body = Payload.mssql.replacing("\"TRANSACTION_LOG\"", with: "\"SYNTHETIC_FULL\"")
    #expect(try Caller().send(.post, "/createtask", body).status == 400)
  }

  @Test("What nobody knows is made up, and marked so")
  func invented() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.dynamodb(77, client: "aws-test"))
    let known = try caller.job(Payload.dynamodb(1042))
    #expect(caller.simulator.isInvented(jobId: id))
    #expect(!caller.simulator.isInvented(jobId: known))
    #expect(caller.simulator.inventedTargets == ["aws-test/DynamoDB/77"])
    let summary = try #require(try caller.summary(id))
    #expect(summary.subclient.clientName == "aws-test")
    #expect(summary.subclient.subclientId == 77)
  }

  @Test("With a fixed inventory, what it lacks is not eligible")
  func fixed() throws {
    let caller = try Caller(inventory: .demo)
    let error = #expect(throws: ServerError.self) { try caller.submit(Payload.rds("nobody")) }
    #expect(error?.code == 587_207_178)
    #expect(error?.httpStatus == 500)
    #expect(try caller.submit(Payload.rds("orders")).jobIds.count == 1)
  }

  @Test("Names and ids that do not belong together match nothing")
  func mismatch() throws {
    let caller = try Caller(inventory: .demo)
    let body = Payload.dynamodb(1042).replacing("aws-prod", with: "sql-01")
    #expect(throws: ServerError.self) { try caller.submit(body) }
  }

  @Test("Several associations make several jobs of one task")
  func several() throws {
    let one = #""subclientId":1042,"applicationId":134}"#
    let two =
      one + #",{"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1043,"applicationId":134}"#
    let caller = try Caller()
    let answer = try caller.submit(Payload.dynamodb(1042).replacing(one, with: two))
    #expect(answer.jobIds.count == 2)
    #expect(Set(caller.simulator.view.jobs.map(\.taskId)) == [answer.taskId])
    #expect(caller.simulator.view.jobs.map(\.target) == ["aws-prod/DynamoDB/1042", "aws-prod/DynamoDB/1043"])
  }

  @Test("A workload that no page has is taken as it is")
  func declared() throws {
    let body = """
      {"taskInfo":{"associations":[{"clientName":"azure","instanceName":"Cosmos","appName":"Azure",\
      "subclientName":"a"}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2},"options":{}}]}}
      """
    let caller = try Caller()
    #expect(try caller.submit(body).jobIds.count == 1)
    #expect(caller.simulator.view.jobs.map(\.workload) == ["other"])
    #expect(caller.simulator.view.jobs.map(\.target) == ["azure/Cosmos/a"])
  }

  @Test("A schedule answers a task without jobs")
  func schedule() throws {
    let caller = try Caller()
    let answer = try caller.submit(Payload.rds("orders", type: "SCHEDULE"))
    #expect(answer.taskId > 0)
    #expect(answer.jobIds.isEmpty)
    #expect(caller.simulator.view.jobs.isEmpty)
  }

  @Test("A second backup of a subclient is refused while the first one runs")
  func busy() throws {
    let caller = try Caller()
    let first = try caller.job(Payload.dynamodb(1042))
    let error = #expect(throws: ServerError.self) { try caller.submit(Payload.dynamodb(1042, "FULL")) }
    #expect(error?.kind == .busy)
    #expect(error?.httpStatus == 200)
    #expect(error?.code == 2)
    _ = try caller.run(first)
    #expect(try caller.submit(Payload.dynamodb(1042)).jobIds.count == 1)
  }

  @Test("Or it is queued, where the server is set so")
  func queued() throws {
    var settings = SimulatorSettings()
    settings.whenBusy = .queue
    let caller = try Caller(settings: settings)
    let first = try caller.job(Payload.dynamodb(1042))
    let second = try caller.job(Payload.dynamodb(1042, "FULL"))
    let ended = try caller.run(second)
    #expect(ended.seen.first == "Queued")
    let before = try #require(try caller.summary(first)?.jobEndTime)
    #expect(try #require(ended.end.jobEndTime) > before)
  }

  @Test("The description comes back from the task's details")
  func description() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.dynamodb(1042))
    let answer = caller.send(.get, "/Job/\(id)/TaskDetails")
    let json = try JSONValue(parsing: answer.body)
    let options = json["taskInfo"]?["subTasks"]?[0]?["options"]
    #expect(options?["commonOpts"]?["jobDescription"]?.string == "night 1")
    #expect(caller.simulator.view.jobs.first?.description == "night 1")
  }

  @Test("A first incremental runs as full where the server is set so")
  func firstIsFull() throws {
    var settings = SimulatorSettings()
    settings.firstBackupIsFull = true
    let caller = try Caller(settings: settings)
    let first = try caller.run(try caller.job(Payload.dynamodb(1042))).end
    let second = try caller.run(try caller.job(Payload.dynamodb(1042))).end
    #expect(first.levelRun == .full)
    #expect(second.levelRun == .incremental)
  }
}
