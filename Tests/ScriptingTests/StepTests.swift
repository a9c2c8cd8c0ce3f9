import Testing

@Suite("A step of the script's own")
struct StepFunctionTests {
  @Test("gives what its function returned, which may wait")
  func value() async throws {
    let said = try await Rehearsal().value(
      """
      local v = flow.step("list", function() flow.sleep("1h") return { 1, { name = "crm" } } end)
      return v[2].name .. " " .. tostring(flow.step("none", function() end))
      """)
    #expect(said == "crm nil")
  }

  @Test("gives what a look-up found as what can be the fields of a workload")
  func entities() async throws {
    let said = try await Rehearsal(isFixed: true).value(
      """
      local function find() return commcell():subclients{ client = "aws-prod", instance = "eu-west-1" } end
      local kept, fresh = flow.step("list", find), find()
      assert(#kept == #fresh and kept[1]["cvlua.entity"] == nil)
      return tostring(backup.rds.encode(kept[1]) == backup.rds.encode(fresh[1]))
      """)
    #expect(said == "true")
  }

  @Test("has a name of its own, and a value that can be kept")
  func mistakes() async throws {
    #expect(
      try await Rehearsal().value("flow.step(\"a\", print) flow.step(\"a\", print)")
        == "error: test.lua:1: flow.step: the run has a step \"a\" already; give each its own name")
    #expect(
      try await Rehearsal().value("flow.step(\"a\", function() return { f = print } end)")
        == "error: test.lua:1: flow.step \"a\": its value cannot be kept: f: a function cannot be written as JSON"
    )
    #expect(
      try await Rehearsal().value("flow.step(\"a\", function() error(\"mine\") end)")
        == "error: test.lua:1: mine")
  }
}
