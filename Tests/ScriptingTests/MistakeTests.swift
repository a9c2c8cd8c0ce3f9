import Simulator
import Testing

@Suite("A mistake of a payload gets one clear sentence, and nothing is sent")
struct MistakeTests {
  @Test(
    "with its place and the way out",
    arguments: [
      (
        "backup.dynamodb{ clientName = 'a', instanceName = 'b', subclientld = 7 }",
        "backup.dynamodb: subclientld is no field of dynamodb; did you mean subclientId?"
      ),
      (
        "backup.dynamodb{ clientName = 'a', subclientId = 7 }",
        "backup.dynamodb: instanceName is missing; dynamodb needs it: the instance"
      ),
      (
        "backup.dynamodb()",
        "backup.dynamodb takes a table of fields, such as { clientName = \"aws-prod\", … }, not nothing"
      ),
      (
        "backup.dynamodb('x')",
        "backup.dynamodb takes a table of fields, such as { clientName = \"aws-prod\", … }, not \"x\""
      ),
      ("backup.dynamo{}", "there is no workload dynamo; did you mean dynamodb?"),
      (
        "backup.rds{ clientName = 'a', instanceName = 'b', subclientName = 'c', extra = { x = 1 } }",
        "backup.rds: extra.x has no place: name the page's object that it belongs to, such as extra = { commonOpts = { x = … } }"
      ),
      (
        "backup.rds{ clientName = 'a', instanceName = 'b', subclientName = 'c', task = { subclientName = 'd' } }",
        "backup.rds: subclientName stands in taskInfo.associations[]; write it there, or flat"
      ),
      (
        "backup.rds({ clientName = 'a', instanceName = 'b', subclientName = 'c' }, { okif = 'failed' })",
        "backup.rds knows no option \"okif\"; did you mean ok_if?"
      ),
      (
        "backup.rds({ clientName = 'a', instanceName = 'b', subclientName = 'c' }, { ok_if = 'faild' })",
        "ok_if: \"faild\" is no outcome; did you mean failed?"
      ),
    ])
  func sentence(_ script: String, _ expected: String) async throws {
    let rehearsal = try await Rehearsal()
    #expect(await rehearsal.value(script) == "error: test.lua:1: " + expected)
    #expect(rehearsal.simulator.view.requestCount == 0)
  }

  @Test("All mistakes come at once, one by one in `mistakes`")
  func allAtOnce() async throws {
    let rehearsal = try await Rehearsal()
    let said = await rehearsal.value(
      """
      local ok, e = pcall(backup.mssql, { clientId = "x", instanceId = 0, backupLevel = "DIFFERENTIAL", copyOnly = true, foo = 1 })
      local lines = { e.kind, e.where, e.field }
      for _, mistake in ipairs(e.mistakes) do lines[#lines + 1] = mistake.field end
      return table.concat(lines, " ")
      """)
    #expect(said == "payload test.lua:1 foo foo instanceId subclientId clientId copyOnly")
  }
}
