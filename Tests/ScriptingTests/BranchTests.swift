import Testing

@Suite("A branch that raises hands its error on as it is")
struct BranchTests {
  @Test("to whoever joins it, before or after its end")
  func join() async throws {
    let said = try await Rehearsal().value(
      """
      local mine = { code = 7 }
      local branch = flow.spawn(function() flow.sleep(1) error(mine) end)
      local _, first = pcall(branch.join, branch)
      local _, second = pcall(branch.join, branch)
      return first == mine and second == mine
      """)
    #expect(said == "true")
  }

  @Test("as the value of its record")
  func record() async throws {
    let said = try await Rehearsal().value(
      """
      local mine = { code = 7 }
      local records = flow.all{ function() error(mine) end, function() return 1 end }
      return (records[1].value == mine) and records[1].outcome .. " " .. tostring(records.ok) .. " " .. records[2].value
      """)
    #expect(said == "error false 1")
  }
}
