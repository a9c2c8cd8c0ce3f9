import Testing

@Suite("A branch counts by what it returns")
struct JudgementTests {
  /// What a record of a branch that returns `value` says: ok, outcome, reason, target.
  private func record(of value: String) async throws -> String {
    try await Rehearsal().value(
      """
      local records = flow.map({ 1 }, function() return \(value) end)
      local r = records[1]
      assert(records.ok == r.ok)
      assert(r.ok or records:bad() ~= "")
      return tostring(r.ok) .. " " .. r.outcome .. " " .. tostring(r.reason) .. " " .. tostring(r.target)
      """)
  }

  @Test(
    "a table by its own boolean ok, whoever made it",
    arguments: [
      (
        #"{ ok = false, outcome = "killed", reason = "by hand", target = "a/b" }"#, "false killed by hand a/b"
      ),
      (#"{ ok = false }"#, "false failed nil nil"),
      (#"{ ok = false, outcome = "no word of ours", reason = 7 }"#, "false failed nil nil"),
      (#"json.decode('{"ok":false,"outcome":"errors"}')"#, "false errors nil nil"),
      (#"{ ok = true, outcome = "warnings", target = "a" }"#, "true warnings nil a"),
      (#"{ ok = true }"#, "true completed nil nil"),
      (#"{ ok = "no" }"#, "true completed nil nil"),
      (#"setmetatable({}, { __index = function() error("asked") end })"#, "true completed nil nil"),
    ])
  func tables(_ value: String, _ said: String) async throws {
    #expect(try await record(of: value) == said)
  }

  @Test(
    "a list by the records in it",
    arguments: [
      (
        #"{ { ok = true }, { ok = false, outcome = "failed", target = "b" }, { ok = false, outcome = "killed" } }"#,
        "false killed b failed; 3 killed nil"
      ),
      (#"{ { ok = true }, { ok = true } }"#, "true completed nil nil"),
      (#"{ { name = "a" }, { name = "b" } }"#, "true completed nil nil"),
      (
        #"json.decode('{"ok":false,"a":{"ok":false,"outcome":"busy"},"b":{"ok":true}}')"#,
        "false busy a busy nil"
      ),
    ])
  func lists(_ value: String, _ said: String) async throws {
    #expect(try await record(of: value) == said)
  }

  @Test("and anything else is good", arguments: ["false", "nil", "7", #"nil, "no""#, ""])
  func others(_ value: String) async throws {
    #expect(try await record(of: value) == "true completed nil nil")
  }

  @Test(
    "and flow.retry tries it again by the same rule",
    arguments: [
      ("{ ok = false, findings = {} }", 3), (#"{ ok = false, outcome = "killed" }"#, 1),
      (#"{ { ok = false, outcome = "busy" } }"#, 3), ("{ ok = true }", 1), ("{}", 1), ("false", 1),
    ])
  func retry(_ value: String, _ calls: Int) async throws {
    let said = try await Rehearsal().value(
      """
      local calls = 0
      flow.retry({ attempts = 3 }, function() calls = calls + 1 return \(value) end)
      return calls
      """)
    #expect(said == "\(calls)")
  }
}
