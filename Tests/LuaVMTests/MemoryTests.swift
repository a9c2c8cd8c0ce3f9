import LuaVM
import Testing

@Suite("A memory limit", .serialized, .timeLimit(.minutes(20)))
struct MemoryTests {
  private static let limit = 16 << 20

  private func limited() async throws -> Machine {
    try await Machine { $0.memoryLimit = Self.limit }
  }

  @Test(
    "stops what would exceed it; the host lives, and later scripts run",
    arguments: [
      "return #string.rep('x', 1 << 30)",
      "local s = 'x' while true do s = s .. s end",
      "local t = {} while true do t[#t + 1] = {} end",
      "local t = {} for i = 1, 1 << 20 do t[i] = ('x'):rep(1000) .. i end return table.concat(t)",
      "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
      "local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() end",
      "return #table.pack(string.byte(string.rep('x', 10 << 20), 1, -1))",
      "local function f(...) return 1 + f('x', ...) end f()",
      "return string.format('%99s', 'x'):rep(1 << 28)",
      "return #(string.gsub(string.rep('x', 1 << 20), 'x', string.rep('y', 1000)))",
      "local t = {} for i = 1, 1 << 30 do t[i] = i end",
      "local s, n = string.rep('x', 3 << 20), 0 return (select(2, load(function() n = n + 1 return n < 6 and s .. n or nil end)))",
      "local t = {} while true do t[#t + 1] = select(2, pcall(wait, 'fail')) end",
      "local t = setmetatable({}, {__close = function() local s = 'x' while true do s = s .. s end end}) local c <close> = t",
      "local keep = {} finally(function() while true do keep[#keep + 1] = {} end end)",
      "error(setmetatable({}, {__tostring = function() local s = 'x' while true do s = s .. s end end}))",
    ])
  func stops(_ bomb: String) async throws {
    let machine = try await limited()
    let end = await machine.run(bomb)
    let told = (end.failure.map(\.sentence) ?? end.returned ?? "") + machine.lost.all.joined()
    let words = [
      "not enough memory", "resulting string too large", "overflow", "too many results", "table: 0x",
    ]
    #expect(words.contains { told.contains($0) }, "\(told.prefix(200))")
    machine.vm.interrupt()
    let after = await machine.value("return #string.rep('x', 1 << 20)")
    #expect(after == "1048576")
  }

  @Test("is not met by garbage: long strings that are dropped again cost nothing")
  func garbage() async throws {
    let said = try await limited().value(
      """
      local total = 0
      for i = 1, 200 do
        total = total + #string.rep('x', (2 << 20) + i) + #table.concat({('y'):rep(1 << 20), i})
      end
      return 'fine'
      """)
    #expect(said == "fine")
  }

  @Test("is an error that a script can catch")
  func caught() async throws {
    let said = try await limited().value(
      "local ok, e = pcall(string.rep, 'x', 64 << 20) return e .. ' ' .. #string.rep('y', 1 << 20)")
    #expect(said == "not enough memory 1048576")
  }

  @Test("says its kind where nobody catches it")
  func kind() async throws {
    let end = try await limited().run("return string.rep('x', 64 << 20)")
    #expect(end.failure?.kind == "memory")
    #expect(end.failure?.message == "not enough memory")
  }

  @Test("does not make the host's own values fail")
  func hostValues() async throws {
    // The script holds nearly all it may; answers and error objects still arrive.
    let said = try await limited().value(
      """
      local t = {}
      pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end end)
      local a = wait('answer')
      local ok, e = pcall(wait, 'fail')
      finally(function() error('of a deferred function', 0) end)
      return a .. ' ' .. e.kind
      """)
    #expect(said == "answer refused" || said.contains("not enough memory"))
  }

  @Test("none is no limit")
  func unlimited() async throws {
    #expect(try await Machine().value("return #string.rep('x', 64 << 20)") == "67108864")
  }
}
