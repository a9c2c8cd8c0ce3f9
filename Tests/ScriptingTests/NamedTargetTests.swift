import Simulator
import Testing

@Suite("Names do where a page wants ids")
struct NamedTargetTests {
  @Test("A script that gives ids makes no look-up")
  func ids() async throws {
    let rehearsal = try await Rehearsal()
    _ = await rehearsal.value(
      """
      backup.dynamodb{ clientName = "aws-prod", instanceName = "DynamoDB", subclientName = "x", subclientId = 1042 }
      backup.rds{ clientName = "aws-prod", instanceName = "eu-west-1", subclientName = "crm" }
      """)
    #expect(rehearsal.simulator.view.requests.filter { $0.method == "GET" }.isEmpty)
  }

  @Test("Many targets of a client are looked up by two requests, and keep their names")
  func requests() async throws {
    let rehearsal = try await Rehearsal()
    let said = await rehearsal.value(
      """
      local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
      local r = flow.map({ "customers", "carts", "Prices" }, function(name) return d{ subclientName = name }:wait() end)
      return r[1].value.outcome .. " " .. r[1].target .. " " .. r[3].target
      """)
    #expect(said == "completed aws-prod/DynamoDB/customers aws-prod/DynamoDB/Prices")
    let jobs = rehearsal.simulator.view.jobs
    #expect(jobs.count == 3)
    #expect(rehearsal.simulator.view.count("GET", "/Client") == 1)
    #expect(rehearsal.simulator.view.count("GET", "/Subclient") == 1)
    #expect(rehearsal.simulator.view.count("POST", "/createtask") == 3)
  }

  @Test("SQL Server takes names for all three of its ids, and sends the ids alone")
  func sqlServer() async throws {
    let said = try await Rehearsal().value(
      """
      local m = backup.mssql:with{ clientName = "sql-01", instanceName = "SQL-01", backupLevel = "FULL" }
      local r = m{ subclientName = "finance" }:wait()
      local s = commcell():jobs{}[1]
      return table.concat({ r.outcome, r.target, s.client, s.instance, s.subclient,
        backup.mssql.encode{ clientId = 1, instanceId = 2, subclientId = 3, subclientName = "x", backupLevel = "FULL" } }, "|")
      """)
    #expect(
      said
        == #"completed|sql-01/SQL-01/finance|sql-01|SQL-01|finance|{"taskInfo":{"associations":[{"instanceId":2,"subclientId":3,"clientId":1,"appName":"SQL Server"}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},"options":{"backupOpts":{"backupLevel":"FULL"}}}]}}"#
    )
  }

  @Test("Some of a call's targets may have ids, others names")
  func associations() async throws {
    let said = try await Rehearsal().value(
      """
      local r = backup.dynamodb{ clientName = "aws-prod", instanceName = "DynamoDB",
        associations = { { subclientName = "carts" }, { subclientId = 1042 } } }:wait()
      local names = {}
      for _, job in ipairs(commcell():jobs()) do names[#names + 1] = job.subclient end
      return r.outcome .. " " .. table.concat(names, " ")
      """)
    #expect(said == "completed customers carts")
  }

  @Test("A name that leads nowhere raises, with its field, and nothing is sent")
  func unknown() async throws {
    let rehearsal = try await Rehearsal(isFixed: true)
    let said = await rehearsal.value(
      """
      local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
      local ok, e = pcall(d, { associations = { { subclientName = "custmers" }, { subclientId = 7 }, { subclientName = "cart" } } })
      return table.concat({ e.kind, e.field, #e.mistakes, tostring(e) }, "|")
      """)
    #expect(
      said
        == "payload|subclientName|2|test.lua:2: backup.dynamodb: 2 mistakes\n"
        + "  - association 1: subclientName \"custmers\" is not in aws-prod/DynamoDB; did you mean customers?\n"
        + "  - association 3: subclientName \"cart\" is not in aws-prod/DynamoDB; did you mean carts?")
    #expect(rehearsal.simulator.view.count("POST", "/createtask") == 0)
  }

  @Test("A look-up that cannot be made is the outcome of its backup, and of no other")
  func unreachable() async throws {
    let said = try await Rehearsal(faults: "lookup:http=403").value(
      """
      local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
      local named = d{ subclientName = "customers" }:wait()
      return named.outcome .. " " .. tostring(named.ok) .. " " .. d{ subclientId = 1042 }:wait().outcome
      """)
    #expect(said == "rejected false completed")
  }

  @Test(
    "What is missing is said with both ways to give it",
    arguments: [
      (
        "backup.dynamodb{ clientName = 'a', instanceName = 'b' }",
        "backup.dynamodb: subclientId (or subclientName) is missing; dynamodb needs it: the id of the table group"
      ),
      (
        "backup.dynamodb.payload{ clientName = 'a', instanceName = 'b', subclientName = 'c' }",
        "backup.dynamodb: subclientId is missing; subclientName is looked up only when a backup is submitted, so give subclientId here"
      ),
      (
        "backup.dynamodb{ clientName = 'a', instanceName = 'b', subclientName = 'c', backupLevl = 'FULL' }",
        "backup.dynamodb: backupLevl is no field of dynamodb; did you mean backupLevel?"
      ),
    ])
  func missing(_ script: String, _ expected: String) async throws {
    #expect(await (try Rehearsal()).value(script) == "error: test.lua:1: " + expected)
  }

  @Test("A declared workload has it as well, where it requires an id and knows the name")
  func declared() async throws {
    let said = try await Rehearsal().value(
      """
      local w = backup.define{ name = "mine", fields = { "clientName", "instanceName", "subclientName",
        { name = "subclientId", required = true } } }
      return w{ clientName = "aws-prod", instanceName = "DynamoDB", subclientName = "carts" }:wait().outcome
        .. " " .. w.schema.fields[4].looked_up_by
      """)
    #expect(said == "completed subclientName")
  }
}

@Suite("A job is compared with what was asked for")
struct WrongTargetTests {
  @Test("one of another target needs an operator, whatever counts as good")
  func wrongTarget() async throws {
    let said = try await Rehearsal(faults: "dynamodb:wrong-target").value(
      """
      local d = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
      local r = d({ subclientId = 1042 }, { ok_if = { "completed", "ambiguous" } }):wait()
      return r.outcome .. " " .. tostring(r.ok) .. " " .. r.reason
      """)
    #expect(
      said
        == "ambiguous false aws-prod/DynamoDB/1042 was asked for, but job 148886 backed up aws-prod/DynamoDB/carts (subclientId 1043)"
    )
  }

  @Test("by names where there are no ids")
  func byName() async throws {
    let said = try await Rehearsal(faults: "rds/crm:wrong-target").value(
      """
      local w = backup.rds:with{ clientName = "AWS-prod", instanceName = "EU-west-1" }
      return w{ subclientName = "CRM" }:wait().outcome .. " " .. w{ subclientName = "Billing" }:wait().outcome
      """)
    #expect(said == "ambiguous completed")
  }

  @Test("Another level than asked for is told")
  func otherLevel() async throws {
    let said = try await Rehearsal(faults: "*:other-level").value(
      """
      local r = backup.dynamodb{ clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042, backupLevel = "INCREMENTAL" }:wait()
      return table.concat({ r.outcome, r.level_asked, r.level_run }, " ")
      """)
    #expect(said == "completed INCREMENTAL FULL")
  }
}
