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

  @Test("is over when the backups are that its function submits")
  func backups() async throws {
    let said = try await Rehearsal().value(
      """
      local task
      flow.step("go", function()
        task = backup.rds{ clientName = "c", instanceName = "i", subclientName = "s" }
      end)
      local before = os.time()
      return task:wait().outcome .. " " .. os.time() - before
      """)
    #expect(said == "completed 0")
  }

  @Test("draws random numbers of its own, so that what comes after it does not hang on it")
  func chance() async throws {
    let said = try await Rehearsal().value(
      """
      local function next(count)
        math.randomseed(7)
        flow.step("draw " .. count, function() for _ = 1, count do math.random() end end)
        return math.random(1000000)
      end
      return tostring(next(1) == next(3)) .. tostring(pcall(flow.step, "fails", function() error() end))
      """)
    #expect(said == "truefalse")
  }

  @Test(
    "does nothing that a run which is taken up again would lack",
    arguments: [
      ("flow.defer(print)", "flow.defer"), ("flow.map({ 1 }, function() flow.spawn(print) end)", ""),
      ("flow.spawn(print)", "flow.spawn"), ("run.skip(\"rds s\", \"no\")", "run.skip"),
      ("run.window{ last_start = \"05:00\" }", "run.window"), ("run.expect{ targets = 1 }", "run.expect"),
      ("run.on_attention(print)", "run.on_attention"),
    ])
  func lasting(_ code: String, _ name: String) async throws {
    let said = try await Rehearsal().value("flow.step(\"list\", function() \(code) end)")
    let sentence =
      "\(name): not within flow.step \"list\", whose function a run that is taken up again does not call; do it after the step, by what that returned"
    // An error in a branch of flow.map is in its record.
    #expect(said == (name.isEmpty ? "nothing" : "error: test.lua:1: \(sentence)"))
    // After it, whatever became of it, all is as before.
    #expect(
      try await Rehearsal().value("pcall(flow.step, \"list\", function() error() end) flow.defer(print)")
        == "nothing")
    #expect(
      try await Rehearsal().value(
        "flow.step(\"list\", function() flow.all{ function() flow.defer(print) end } end)")
        == "nothing")
  }
}
