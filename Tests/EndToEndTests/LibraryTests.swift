import Glibc
import Testing

@Suite("A team's library at the prompt", .timeLimit(.minutes(5)))
struct LibraryTests {
  @Test("is required as by scripts, and keeps its globals to itself")
  func prompt() async throws {
    let folder = try Folder()
    mkdir("\(folder.path)/team", 0o700)
    try folder.write("team/library.lua", "return { name = \"team\", cvlua = \">= 0.1\" }")
    try folder.write(
      "team/policies.lua",
      """
      calls = 0
      local function crm()
        calls = calls + 1
        return backup.rds{ clientName = "aws-prod", instanceName = "eu-west-1", subclientName = "crm" }:wait()
      end
      return { crm = crm, calls = function() return calls end }
      """)
    let session = try await TerminalSession(
      "cvlua --simulate --at 2026-11-21T22:00 --library team", in: folder, columns: 100)
    try await session.wait(forPrompt: "sim>")
    try await session.line("p = require 'policies'", shows: "sim>")
    try await session.line("p.crm().outcome", shows: "\"completed\"")
    try await session.line("calls, p.calls()", shows: "nil, 1")
    try await session.line("require 'polices'", shows: "did you mean 'policies'?")
    try await session.keys("C-d")
    try await session.wait(for: "exit 0")
  }
}
