import Simulator
import Testing

@Suite("Scripts look up what a Command Center has")
struct LookupTests {
  @Test("by names or ids, with the API's own names")
  func lists() async throws {
    let said = try await Rehearsal().value(
      """
      local c = commcell()
      local s = c:subclients{ client = "AWS-PROD", instance = 210 }
      return table.concat({
        #c:clients(), c:clients()[2].clientName, #c:instances{ client = 17 },
        #c:backupsets{ client = "aws-prod", instance = "eu-west-1" },
        #s, s[2].clientName, s[2].instanceName, s[2].subclientName, s[2].subclientId,
        c:id_of{ client = "aws-prod", instance = "DynamoDB", subclient = "carts" }.subclientId,
        tostring(c:id_of{ client = "nobody" }.clientId),
      }, " ")
      """)
    #expect(said == "2 sql-01 5 1 12 aws-prod DynamoDB carts 1043 1043 nil")
  }

  @Test("whose tables are the fields of any workload, what its page does not list left out")
  func fields() async throws {
    let said = try await Rehearsal().value(
      """
      local c = commcell()
      local e = c:subclients{ client = "aws-prod", instance = "eu-west-1" }[2]
      local m = c:subclients{ client = "sql-01" }[1]
      local level = { backupLevel = "FULL" }
      return backup.rds.encode(e) .. backup.rds.encode{ associations = { e } }
        .. backup.mssql:with(m).encode(level)
      """)
    let rds =
      #"{"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"eu-west-1","_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps","subclientName":"crm"}],"task":{"taskType":"IMMEDIATE"},"subTasks":[{"subTask":{"subTaskType":"BACKUP","operationType":"BACKUP"},"options":{"backupOpts":{"backupLevel":"FULL"},"commonOpts":{"notifyUserOnJobCompletion":true}}}]}}"#
    let mssql =
      #"{"taskInfo":{"associations":[{"instanceId":231,"subclientId":1401,"clientId":23,"appName":"SQL Server"}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},"options":{"backupOpts":{"backupLevel":"FULL"}}}]}}"#
    #expect(said == rds + rds + mssql)
  }

  @Test("and share the requests")
  func shared() async throws {
    let rehearsal = try await Rehearsal()
    _ = await rehearsal.value(
      """
      local c = commcell()
      flow.map({ 1, 2, 3, 4 }, function() return #c:subclients{ client = "aws-prod" } end)
      c:clients() c:clients{ refresh = true } commcell("default"):clients()
      """)
    #expect(rehearsal.simulator.view.count("GET", "/Subclient") == 1)
    #expect(rehearsal.simulator.view.count("GET", "/Client") == 2)
  }

  @Test("Jobs are listed and filtered")
  func jobs() async throws {
    let said = try await Rehearsal(faults: "dynamodb/1042:slow=5h,dynamodb/1043:fail").value(
      """
      local c = commcell()
      local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
      local running = d{ subclientId = 1042 }
      d{ subclientId = 1043 }:wait()
      local n = function(options) return #c:jobs(options) end
      return table.concat({ n(), n{ active = true }, n{ finished_since = "1h" }, n{ finished_since = os.time() - 1 },
        n{ active = true, finished_since = "1h" }, n{ status = "Failed" }, n{ status = { "failed", "Running" } },
        n{ client = "aws-prod" }, n{ client = 23 }, n{ subclient_id = 1042 }, n{ limit = 1 },
        c:jobs{ status = "failed" }[1].subclient }, " ")
      """)
    #expect(said == "2 1 1 0 2 1 2 2 0 1 1 carts")
  }

  @Test("A job is controlled, and says why it is not")
  func control() async throws {
    let said = try await Rehearsal().value(
      """
      local c = commcell()
      local t = backup.dynamodb{ clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042 }
      local j = c:job(t.jobs[1])
      j:pause() flow.sleep("1m")
      local paused = j:status().status
      j:resume() j:kill()
      local ended = t:wait().outcome
      local ok, e = pcall(j.resume, j)
      return table.concat({ paused, ended, e.kind, e.code, e.where, e.message, j:details().progressInfo.state }, "|")
      """)
    #expect(
      said
        == "Suspended|killed|rejected|3|test.lua:8|Job [148886] is Killed: it cannot resume now. (error 3)|Killed"
    )
  }

  @Test("Any other request has its status and its body")
  func request() async throws {
    let said = try await Rehearsal().value(
      """
      local c = commcell()
      local a = c:request{ path = "Subclient", query = { clientId = 23, x = { 1, "ä b" } } }
      local b = c:request{ path = "/nothing" }
      local d = c:request{ method = "post", path = "/JobDetails", body = { jobId = 5 } }
      return table.concat({ a.status, #a.body.subClientProperties, b.status, b.body.errorCode,
        d.status, d.body.error.errList[1].errLogMessage }, "|")
      """)
    #expect(said == "200|3|404|404|200|Job [5] does not exist.")
  }

  @Test(
    "A mistake gets one sentence with the way out",
    arguments: [
      ("commcell:subclients{}", "commcell:subclients needs the client: { client = \"aws-prod\" }"),
      (
        "commcell:subclients{ client = 'aws-prd' }",
        "commcell:subclients: there is no client \"aws-prd\"; did you mean aws-prod?"
      ),
      ("commcell:subclients{ clint = 1 }", "commcell:subclients knows no \"clint\"; did you mean client?"),
      (
        "commcell:clients('x')", "commcell:clients takes a table such as { refresh = … }, not \"x\""
      ),
      ("commcell:jobs{ status = 'faild' }", "commcell:jobs: \"faild\" is no status; did you mean Failed?"),
      (
        "commcell:jobs{ finished_since = 'x' }",
        "commcell:jobs: finished_since must be a duration such as \"8h\", or a past unix time, not \"x\""
      ),
      ("commcell:request{}", "commcell:request needs a path, such as \"/Client\""),
      (
        "commcell:request{ path = '/Client?x=1' }",
        "commcell:request: the path has a question mark; give query = { name = value } instead"
      ),
      (
        "commcell:request{ path = '/a b' }",
        "commcell:request: \"/a b\" is no path of the API, such as \"/Client/17\""
      ),
      (
        "commcell:request{ path = '/x', method = 'GETT' }",
        "commcell:request: there is no method \"GETT\"; there are GET, POST, PUT, PATCH, DELETE"
      ),
      (
        "commcell:request{ path = '/x', method = 'POST', body = { print } }",
        "commcell:request: body: [1]: a function cannot be written as JSON"
      ),
      ("return commcell.clinets", "a commcell has no \"clinets\"; did you mean clients?"),
      ("job(1):details()", "Job [1] does not exist. (error 2)"),
    ])
  func mistakes(_ script: String, _ expected: String) async throws {
    let said = try await Rehearsal().value("local commcell = commcell()  " + script)
    #expect(said == "error: test.lua:1: " + expected)
  }
}
