import Testing

@Suite("A plan for a live Command Center")
struct LivePlanTests {
  @Test("has its names looked up there, and submits nothing")
  func names() async throws {
    let inventory = try Folder()
    try inventory.write(
      "inventory.json",
      """
      { "clients": [
        { "clientName": "aws-prod", "instances": [
          { "instanceName": "eu-west-1", "workload": "rds", "subclients": [ "orders" ] } ] },
        { "clientName": "sql-01", "clientId": 23, "instances": [
          { "instanceName": "MAIN", "instanceId": 231, "workload": "mssql",
            "subclients": [ { "subclientName": "master", "subclientId": 1402 } ] } ] } ] }
      """)
    let served = try await Served(["--inventory", "\(inventory.path)/inventory.json"])
    try served.folder.write(
      "night.lua",
      """
      local rds = backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }
      rds{ subclientName = "orders" }
      rds{ subclientName = "ordrs" }
      backup.mssql{ clientId = 23, instanceId = 231, subclientId = 1402, backupLevel = "FULL" }
      """)
    let plan = try await Child(
      Place.cvlua, ["plan", "--config", "config.lua", "--profile", "sim", "night.lua"],
      in: served.folder.path, environment: served.environment
    ).ending()
    served.note(plan)
    #expect(plan.code == 2, "\(plan.errors)")
    #expect(plan.output.contains("not known: rds aws-prod/eu-west-1/ordrs: "), "\(plan.output)")
    #expect(plan.output.contains("did you mean orders?"), "\(plan.output)")
    #expect(plan.output.contains("2 of 3 targets are known at \(served.url)"), "\(plan.output)")
    let state = try await served.state()
    #expect(state.submits == 0)
    #expect(state.jobs.isEmpty)
    try await served.close()
  }

  @Test("says so where nobody can be asked")
  func unreachable() async throws {
    let served = try await Served()
    try served.configure(url: "http://127.0.0.1:1/commandcenter/api", "connect_timeout = \"1s\"")
    let plan = try await Child(
      Place.cvlua, ["plan", "--config", "config.lua", "--profile", "sim", "-e", oneBackup],
      in: served.folder.path, environment: served.environment
    ).ending()
    #expect(plan.code == 2)
    #expect(plan.output.contains("names were not checked at "), "\(plan.output)")
  }
}
