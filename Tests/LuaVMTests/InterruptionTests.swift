import LuaVM
import Testing

@Suite("An interruption", .serialized, .timeLimit(.minutes(20)))
struct InterruptionTests {
  @Test(
    "ends what runs without end, and the machine is usable after",
    arguments: [
      "while true do end",
      "while true do pcall(error) end",
      "while true do pcall(error, {}) end",
      "local function f() while true do pcall(f) end end f()",
      "while true do pcall(pcall, pcall, error) end",
      "while true do xpcall(function() while true do end end, function() while true do end end) end",
      "while true do xpcall(error, function() while true do pcall(error) end end) end",
      "while true do local co = coroutine.create(function() while true do end end) coroutine.resume(co) end",
      "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
      "while true do pcall(coroutine.wrap(function() while true do pcall(error) end end)) end",
      "local t = setmetatable({}, {__index = function(t, k) while true do pcall(error) end end}) return t.x",
      "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
      "for x in function() return 1 end do pcall(error) end",
      "do local g <close> = setmetatable({}, {__close = function() repeat until false end}) end",
      "local g <close> = setmetatable({}, {__close = function() repeat pcall(error) until false end}) error('x')",
      "while true do local g <close> = setmetatable({}, {__close = function() repeat until false end}) end",
      "finally(function() while true do pcall(error) end end)",
      "error(setmetatable({}, {__tostring = function() while true do end end}))",
      "table.sort({3, 2, 1}, function() while true do pcall(error) end end)",
      "return (('x'):rep(100):gsub('x', function() while true do end end))",
      "while true do wait('x') end",
      "while true do pcall(wait, 'x') end",
      "while true do pcall(wait, 'fail') end",
      "goto again ::again:: goto again",
      "return load(function() while true do end end)",
      "while true do pcall(load, 'x = = 1') end",
      "local co = coroutine.create(function() local g <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
      "spawn(function() while true do pcall(wait, 'x') end end) while true do pcall(wait, 'x') end",
      "while true do spawn(function() end) wait('x') end",
    ])
  func ends(_ script: String) async throws {
    for kind in ["interrupt", "deadline"] {
      let machine = try await Machine()
      let end = await machine.run("\(kind)() \(script)")
      // What goes wrong in clean-up is no failure of the script.
      if let failure = end.failure, !script.hasPrefix("error(setm") {
        #expect(failure.kind == "interrupted", "\(failure)")
      }
      #expect(
        await machine.value("local s = 0 for i = 1, 1000 do s = s + i end return s .. wait(' x')")
          == "500500 x")
    }
  }

  @Test("tells a deadline from a Ctrl-C")
  func sentences() async throws {
    #expect(try await Machine().run("interrupt() while true do end").failure?.message == "interrupted")
    #expect(try await Machine().run("deadline() while true do end").failure?.message == "out of time")
    #expect(try await Machine().run("interrupt() never()").failure?.message == "interrupted")
    #expect(try await Machine().run("deadline() never()").failure?.message == "out of time")
  }

  @Test("wakes branches that wait; their clean-up runs, and may wait")
  func waiting() async throws {
    let machine = try await Machine()
    let end = await machine.run(
      """
      log = {}
      for i = 1, 3 do
        spawn(function()
          local function say(text) log[#log + 1] = text end
          finally(function() say(wait('d') .. i) end)
          local g <close> = setmetatable({}, {__close = function() say(wait('c') .. i) end})
          never()
        end)
      end
      wait 'x'
      interrupt()
      never()
      """)
    #expect(end.failure?.kind == "interrupted")
    let log = await machine.value("return table.concat(log, ' ')")
    #expect(log == "c1 c2 c3 d1 d2 d3")
  }

  @Test("of a branch that computes lets its clean-up run, and wait")
  func running() async throws {
    let machine = try await Machine()
    let end = await machine.run(
      """
      log = {}
      finally(function() log[#log + 1] = wait('deferred') end)
      local g <close> = setmetatable({}, {__close = function()
        for i = 1, 100000 do end
        log[#log + 1] = 'closed'
        log[#log + 1] = wait('waited')
      end})
      interrupt()
      while true do pcall(error) end
      """)
    #expect(end.failure?.kind == "interrupted")
    #expect(await machine.value("return table.concat(log, ' ')") == "closed waited deferred")
  }

  @Test("while nothing runs is over when the next script begins")
  func idle() async throws {
    let machine = try await Machine()
    machine.vm.interrupt()
    // What was given to the machine before is done before.
    #expect(await machine.value("for i = 1, 100000 do end return wait('fine')") == "fine")
  }

  @Test("twice is no more than once")
  func twice() async throws {
    let machine = try await Machine()
    #expect(
      await machine.run("interrupt() interrupt() while true do pcall(error) end").failure?.kind
        == "interrupted")
    #expect(await machine.value("return wait('usable')") == "usable")
  }

  @Test(
    "by os.exit passes every pcall; clean-up runs",
    arguments: [
      ("os.exit(3)", 3), ("pcall(os.exit, 4)", 4), ("while true do pcall(os.exit, true) end", 0),
      ("os.exit(false)", 1),
      ("os.exit()", 0), ("coroutine.wrap(function() os.exit(5) end)()", 5),
      ("coroutine.resume(coroutine.create(os.exit), 6)", 6),
      ("table.sort({3, 2, 1}, function() os.exit(7) end)", 7),
      ("wait 'x' spawn(function() os.exit(8) end) never()", 8),
      ("os.exit(256 + 9)", 9), ("os.exit(10.0)", 10),
      ("local t = setmetatable({}, {__index = os.exit}) pcall(os.exit, 11)", 11),
      ("xpcall(error, function() os.exit(12) end)", 12),
    ])
  func exit(_ script: String, _ code: Int32) async throws {
    let machine = try await Machine()
    let end = await machine.run(
      """
      ran_on, cleaned = false, 0
      finally(function() cleaned = cleaned + #wait('1') end)
      local g <close> = setmetatable({}, {__close = function() cleaned = cleaned + #wait('1') end})
      do
        \(script)
      end
      ran_on = true
      """)
    #expect(end.exitCode == code)
    #expect(end.failure == nil)
    #expect(await machine.value("return tostring(ran_on) .. cleaned") == "false2")
    #expect(await machine.run("return 1").exitCode == nil)
  }
}
