import LuaVM
import Testing

@Suite("Errors", .serialized, .timeLimit(.minutes(20)))
struct ErrorTests {
  @Test("An error of the host is an object: kind, message, place, and one sentence as its text")
  func objects() async throws {
    let said = try await Machine().value(
      """
      local ok, e = pcall(function()
        wait 'fail'
      end)
      return table.concat({type(e), e.kind, e.message, e.where, tostring(e), getmetatable(e)}, '; ')
      """)
    #expect(said == "table; refused; the wait failed; test.lua:2; test.lua:2: the wait failed; error")
  }

  @Test("An error object that nobody catches keeps its kind and place")
  func uncaughtObject() async throws {
    let end = try await Machine().run("\nwait 'fail'")
    #expect(end.failure?.kind == "refused")
    #expect(end.failure?.message == "the wait failed")
    #expect(end.failure?.place == "test.lua:2")
  }

  @Test(
    "Whatever a script throws is told in one sentence",
    arguments: [
      ("error('plain')", "test.lua:1: plain"),
      ("error('no place', 0)", "no place"),
      ("error(42)", "42"),
      ("error()", "(error object is a nil value)"),
      ("error(nil)", "(error object is a nil value)"),
      ("error(true)", "(error object is a boolean value)"),
      ("error({})", "(error object is a table value)"),
      ("error({code = 2})", "(error object is a table value)"),
      ("error(print)", "(error object is a function value)"),
      ("error(coroutine.create(print))", "(error object is a thread value)"),
      ("error(setmetatable({}, {__tostring = function() return 'mine' end}))", "mine"),
      ("error('')", "test.lua:1: "),
      ("error('a: 1: b', 0)", "a: 1: b"),
      ("local t = nil; return t.x", "test.lua:1: attempt to index a nil value (local 't')"),
      ("undefined()", "test.lua:1: attempt to call a nil value (global 'undefined')"),
      (
        "error(setmetatable({}, {__index = function() error('trap') end}))", "(error object is a table value)"
      ),
      ("return {} < {}", "test.lua:1: attempt to compare two table values"),
    ])
  func thrown(_ script: String, _ expected: String) async throws {
    #expect(try await Machine().value(script) == "error: \(expected)")
  }

  @Test(
    "A __tostring that raises, gives no string or waits does no harm",
    arguments: [
      "error('again')", "return {}", "return wait('x')", "return coroutine.yield()",
      "error(setmetatable({}, getmetatable(self)))",
    ])
  func badToString(_ body: String) async throws {
    let machine = try await Machine()
    let said = await machine.value("error(setmetatable({}, {__tostring = function(self) \(body) end}))")
    #expect(said.hasPrefix("error: table: 0x"))
    #expect(await machine.value("return 'usable'") == "usable")
  }

  @Test("An error object that holds itself is told without end")
  func objectInItself() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local ok, e = pcall(wait, 'fail')
      e.message, e.kind, e.where, e.field, e.traceback = e, e, e, e, e
      return tostring(e)
      """)
    #expect(said == "(a table): (a table)")
  }

  @Test("A syntax error says where, and keeps its kind")
  func syntax() async throws {
    let end = try await Machine().run("local x =\nlocal y")
    #expect(end.failure?.kind == "syntax")
    #expect(end.failure?.sentence == "test.lua:2: unexpected symbol near 'local'")
  }

  @Test("The traceback names the script's lines, and none of the host's own Lua")
  func traceback() async throws {
    let machine = try await Machine { options in
      options.findModule = { _ in
        .found(Array("local function deep() error('in module') end\ndeep()".utf8), path: "m.lua")
      }
    }
    let end = await machine.run("local function load_it()\n  require 'm'\nend\nload_it()")
    let lines = (end.failure?.traceback ?? "").split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "stack traceback:",
        "\t[C]: in global 'error'",
        "\tm.lua:1: in local 'deep'",
        "\tm.lua:2: in local 'loader'",
        "\ttest.lua:2: in local 'load_it'",
        "\ttest.lua:4: in main chunk",
        "\t[C]: in ?",
      ])
  }

  @Test("The traceback of an error after a wait, in a branch, is that of the error")
  func tracebackAfterWait() async throws {
    let end = try await Machine().run("local function f()\n  wait 'x'\n  error 'late'\nend\nf()")
    #expect(end.failure?.traceback?.contains("test.lua:3: in local 'f'") == true)
    #expect(end.failure?.traceback?.contains("test.lua:5: in main chunk") == true)
  }

  @Test(
    "A stack overflow is an error like others",
    arguments: [
      ("local function f() return 1 + f() end f()", "stack overflow"),
      (
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
        "C stack overflow"
      ),
      ("local function f() string.gsub('a', 'a', f) end f()", "C stack overflow"),
      ("local function f() coroutine.wrap(f)() end f()", "C stack overflow"),
      ("local function f() return pcall(f) end return f()", "true"),
      (
        "return (string.rep('(', 300) .. '1' .. string.rep(')', 300)) and load('return ' .. string.rep('(', 300) .. '1' .. string.rep(')', 300))() ",
        "attempt to call a nil value"
      ),
      ("xpcall(error, function(m) error(m) end, 'x') error('handled', 0)", "handled"),
    ])
  func overflow(_ script: String, _ expected: String) async throws {
    let machine = try await Machine()
    let said = await machine.value(script)
    #expect(said.contains(expected), "\(said.prefix(300))")
    #expect(await machine.value("return 'usable'") == "usable")
  }

  @Test("An error in a message handler is Lua's own affair")
  func messageHandler() async throws {
    #expect(
      try await Machine().value(
        "local ok, e = xpcall(error, function(m) error('worse') end, 'x') return tostring(ok) .. type(e)")
        == "falsestring")
    #expect(
      try await Machine().value(
        "local ok, e = xpcall(error, function(m) wait 'x' end, 'x') return tostring(ok)") == "false")
  }

  @Test("A host function called with the stack nearly full raises, and no memory is harmed")
  func fullStack() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local deepest = 0
      local function g(n) deepest = n; pcall(finally); return 1 + g(n + 1) end
      local ok, e = pcall(g, 1)
      return tostring(ok) .. tostring(deepest > 1000) .. e
      """)
    #expect(said.hasPrefix("falsetruetest.lua:"))
    #expect(said.contains("stack overflow"))
  }

  @Test("An error in a branch that nobody joins is reported, and stops no other")
  func lostBranch() async throws {
    let machine = try await Machine()
    #expect(await machine.value("spawn(function() error 'lost' end) wait 'x' return 'main'") == "main")
    #expect(machine.lost.all == ["test.lua:1: lost"])
  }
}
