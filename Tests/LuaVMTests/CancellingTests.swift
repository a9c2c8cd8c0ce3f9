import LuaVM
import Testing

@Suite("Cancelling", .timeLimit(.minutes(20)))
struct CancellingTests {
  /// Runs `body` as a branch, cancels it when it waits, gives it time, and tells what it logged.
  private func logOf(_ body: String, in machine: Machine) async -> String {
    await machine.value(
      """
      log = {}
      local function say(text) log[#log + 1] = text end
      local branch = spawn(function()
        \(body)
      end)
      wait 'x'
      cancel(branch)
      for i = 1, 8 do wait 'x' end
      return table.concat(log, ' ')
      """)
  }

  @Test(
    "raises at the wait",
    arguments: [
      (
        "and at each further one", "for i = 1, 3 do local ok, e = pcall(never) say(e.kind) end",
        "cancelled cancelled cancelled"
      ),
      (
        "in a function with variable arguments too",
        "pcall(function(...) for i = 1, 2 do local ok, e = pcall(never, i) say(e.kind) end end, 1, 2)",
        "cancelled cancelled"
      ),
      (
        "in a callable table, by a tail call",
        """
        local f = setmetatable({}, {__call = function(self, ...) return (function(...) never() end)(...) end})
        for i = 1, 2 do local ok, e = pcall(f, 1) say(e.kind) end
        """, "cancelled cancelled"
      ),
      (
        "past every pcall, where a loop does not give up",
        """
        finally(function() say(wait 'a') end)
        while true do pcall(never) end
        """, "a"
      ),
      (
        "but lets a closing function wait, and wait again",
        "local g <close> = setmetatable({}, {__close = function() say(wait 'a') say(wait 'b') end}) never()",
        "a b"
      ),
      (
        "also one that is entered on a normal way out, after the cancelling",
        """
        pcall(never)
        do local g <close> = setmetatable({}, {__close = function() say(wait 'a') end}) end
        local ok, e = pcall(wait, 'x')
        say(e.kind)
        """, "a cancelled"
      ),
      (
        "and lets a coroutine wait that a closing function runs",
        """
        local g <close> = setmetatable({}, {__close = function()
          local co = coroutine.wrap(function() say(wait 'a') coroutine.yield() say(wait 'b') end)
          co() co()
        end})
        never()
        """, "a b"
      ),
      (
        "in nested clean-up",
        """
        local outer <close> = setmetatable({}, {__close = function()
          local inner <close> = setmetatable({}, {__close = function() say(wait 'inner') end})
          say(wait 'outer')
        end})
        never()
        """, "outer inner"
      ),
      (
        "inside a coroutine, whose variables are closed as it ends",
        """
        local co = coroutine.create(function() pcall(never) say 'woken' never() end)
        local ok, e = coroutine.resume(co)
        say(e.kind)
        say(coroutine.status(co))
        """, "woken cancelled dead"
      ),
      (
        "in an error path: a wrapper called in another coroutine's handler",
        """
        local inner = coroutine.wrap(function() never() end)
        local outer = coroutine.wrap(function()
          local ok, e = pcall(error, 'first')
          inner()
        end)
        local ok, e = pcall(outer)
        say(e.kind)
        """, "cancelled"
      ),
    ])
  func raises(_ name: String, _ body: String, _ expected: String) async throws {
    #expect(await logOf(body, in: try Machine()) == expected, "\(name)")
  }

  @Test(
    "leaves clean-up alone that is under way",
    arguments: [
      "do local g <close> = setmetatable({}, {__close = function() say(wait 'a') say(wait 'b') end}) end say(select(2, pcall(wait, 'c')).kind)",
      "pcall(function() local g <close> = setmetatable({}, {__close = function() say(wait 'a') say(wait 'b') end}) error('x') end) say(select(2, pcall(wait, 'c')).kind)",
      """
      do
        local g <close> = setmetatable({}, {__close = function()
          coroutine.wrap(function() coroutine.wrap(function() say(wait 'a') say(wait 'b') end)() end)()
        end})
      end
      say(select(2, pcall(wait, 'c')).kind)
      """,
      "finally(function() say 'cancelled' end) finally(function() say(wait 'a') say(wait 'b') end)",
    ])
  func duringCleanUp(_ body: String) async throws {
    // The branch is at its first wait, of clean-up, when it is cancelled.
    #expect(await logOf(body, in: try Machine()) == "a b cancelled")
  }

  @Test("A branch that has not started never starts")
  func beforeItsStart() async throws {
    let machine = try await Machine()
    #expect(
      await machine.value(
        "local ran = false cancel(spawn(function() ran = true end)) wait 'x' return tostring(ran)") == "false"
    )
  }

  @Test("A branch that has ended is left as it is")
  func afterItsEnd() async throws {
    let machine = try await Machine()
    #expect(
      await machine.value("local b = spawn(function() end) wait 'x' cancel(b) kill(b) return 'fine'")
        == "fine")
    #expect(machine.lost.all == [])
  }

  @Test("A second answer to the same wait, and one that comes after cancelling, are dropped")
  func lateAnswers() async throws {
    let said = try await Machine().value(
      """
      local a = answer_twice()
      local b = wait 'third'
      local got
      local branch = spawn(function() got = {pcall(wait, 'late')} got[3] = pcall(wait, 'later') end)
      spawn(function() cancel(branch) end)
      for i = 1, 5 do wait 'x' end
      return a .. ' ' .. b .. ' ' .. tostring(got[1]) .. ' ' .. got[2].kind .. ' ' .. tostring(got[3])
      """)
    #expect(said == "first third false cancelled false")
  }

  @Test(
    "A branch that does not end is ended from outside: its variables are closed and what it deferred runs, without waiting",
    arguments: ["kill", "kill_later"])
  func killing(_ kill: String) async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local log = {}
      local function say(text) log[#log + 1] = text end
      local branch = spawn(function()
        finally(function() say 'deferred' end)
        finally(function() local ok, e = pcall(wait, 'x') say(e.kind) end)
        local g <close> = setmetatable({}, {__close = function() say 'closed' end})
        while true do pcall(stall) never() end
      end)
      wait 'x'
      \(kill)(branch)
      wait 'x'
      local co, is_main = coroutine.running()
      say(tostring(is_main))
      return table.concat(log, ' ')
      """)
    #expect(said == "closed wait deferred true")
    #expect(machine.lost.all == ["ended from outside"])
  }

  @Test("A branch that waits in its clean-up for good can be ended too")
  func killingCleanUp() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local log = {}
      local branch = spawn(function()
        finally(function() log[#log + 1] = 'first' end)
        finally(function() never() end)
        error('broken', 0)
      end)
      wait 'x'
      kill_later(branch)
      wait 'x'
      return table.concat(log, ' ')
      """)
    #expect(said == "first")
  }

  @Test("Where every branch waits for another one, all are told so")
  func deadlock() async throws {
    let machine = try await Machine()
    let said = await machine.value("spawn(function() stall() end) stall()")
    #expect(said == "error: test.lua:1: every branch waits for another one, so none can ever go on")
    #expect(machine.lost.all == ["test.lua:1: every branch waits for another one, so none can ever go on"])
    #expect(await machine.value("return 'usable'") == "usable")
  }
}
