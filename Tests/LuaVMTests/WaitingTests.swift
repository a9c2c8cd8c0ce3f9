import LuaVM
import Testing

@Suite("A wait suspends only its branch")
struct WaitingTests {
  @Test(
    "and goes on rightly",
    arguments: [
      ("in the main chunk", "return wait('a') .. wait('b')", "ab"),
      ("inside pcall", "local ok, v = pcall(function() return wait('a') end) return v", "a"),
      (
        "inside xpcall", "local ok, v = xpcall(function() return wait('a') end, debug.traceback) return v",
        "a"
      ),
      (
        "in a metamethod",
        "local t = setmetatable({}, {__index = function(_, k) return wait(k) end}) return t.x", "x"
      ),
      (
        "in an iterator",
        """
        local out = ''
        for v in function(_, c) c = (c and #c or 0) + 1 if c < 4 then return wait(('x'):rep(c)) end end do
          out = out .. v
        end
        return out
        """, "xxxxxx"
      ),
      (
        "in __close",
        """
        local said
        do local g <close> = setmetatable({}, {__close = function() said = wait('closed') end}) end
        return said
        """, "closed"
      ),
      (
        "in a coroutine in a coroutine",
        """
        local outer = coroutine.wrap(function()
          local inner = coroutine.wrap(function()
            coroutine.yield(wait('a'))
            return wait('c')
          end)
          local a = inner()
          coroutine.yield(a .. wait('b'))
          return inner()
        end)
        return outer() .. outer()
        """, "abc"
      ),
      (
        "through coroutine.resume",
        """
        local co = coroutine.create(function(x) local y = coroutine.yield(x .. wait('1')) return y .. wait('2') end)
        local _, a = coroutine.resume(co, 'x')
        local _, b = coroutine.resume(co, 'y')
        return a .. b .. coroutine.status(co)
        """, "x1y2dead"
      ),
      (
        "in __index, called in a coroutine inside pcall",
        """
        local t = setmetatable({}, {__index = function(_, k) return wait(k) end})
        local co = coroutine.wrap(function() local ok, v = pcall(function() return t.a .. t.b end) return v end)
        return co()
        """, "ab"
      ),
      (
        "in __call, __eq, __lt, __len, __newindex and __unm",
        """
        local mt = {}
        mt.__call = function(_, x) return wait(x) end
        mt.__eq = function() return wait('e') == 'e' end
        mt.__lt = function() return wait('l') == 'l' end
        mt.__len = function() return #wait('xyz') end
        mt.__newindex = function(t, k, v) rawset(t, k, wait(v)) end
        mt.__unm = function() return wait('-') end
        local a, b = setmetatable({}, mt), setmetatable({}, mt)
        a.x = 'new'
        return a('c') .. tostring(a == b) .. tostring(a < b) .. #a .. -a .. a.x
        """, "ctruetrue3-new"
      ),
      (
        "in a coroutine that is an iterator",
        """
        local out = ''
        for v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(wait('' .. i)) end end) do out = out .. v end
        return out
        """, "123"
      ),
      (
        "where many values are on their way",
        """
        local co = coroutine.wrap(function(...) wait 'x' local n = select('#', coroutine.yield(...)) wait 'y' return n end)
        local n = select('#', co(table.unpack({}, 1, 200)))
        return n .. ' ' .. co(table.unpack({}, 1, 150))
        """, "200 150"
      ),
      (
        "with an error", "local ok, e = pcall(wait, 'fail') return e.kind .. ' ' .. e.message",
        "refused the wait failed"
      ),
      (
        "with an error in a coroutine",
        "local co = coroutine.create(function() wait('fail') end) local _, e = coroutine.resume(co) return tostring(e)",
        "test.lua:1: the wait failed"
      ),
    ])
  func resumes(_ name: String, _ script: String, _ expected: String) async throws {
    #expect(try await Machine().value(script) == expected, "\(name)")
  }

  @Test(
    "and is refused where nothing can wait",
    arguments: [
      "table.sort({3, 2, 1}, function(a, b) wait('x') return a < b end)",
      "(('abc'):gsub('b', function() return wait('x') end))",
      "tostring(setmetatable({}, {__tostring = function() return wait('x') end}))",
      "table.sort({2, 1}, coroutine.wrap(function() while true do coroutine.yield(wait('x')) end end))",
    ])
  func isRefused(_ expression: String) async throws {
    let said = try await Machine().value("local x = \(expression)")
    let sentence = """
      this waits, and nothing can wait here: inside a sort comparator, a gsub callback, __tostring, a message \
      handler or a finalizer; do it before, and keep the answer
      """
    // Where the comparator is a C function no line of the script runs.
    #expect(said == "error: test.lua:1: \(sentence)" || said == "error: \(sentence)")
  }

  @Test("Branches run in turn, each at its own pace")
  func branches() async throws {
    let said = try await Machine().value(
      """
      local log = {}
      for i = 1, 3 do
        spawn(function() for j = 1, 2 do wait('x') log[#log + 1] = i .. '.' .. j end end)
      end
      while #log < 6 do wait('x') end
      return table.concat(log, ' ')
      """)
    #expect(said == "1.1 2.1 3.1 1.2 2.2 3.2")
  }

  @Test("A coroutine that waits cannot be resumed or closed from another branch")
  func foreignResume() async throws {
    let said = try await Machine().value(
      """
      local co = coroutine.create(function() wait('x') return 'end' end)
      local seen
      spawn(function()
        local ok, why = coroutine.resume(co)
        local ok2, why2 = pcall(coroutine.close, co)
        seen = coroutine.status(co) .. '; ' .. why .. '; ' .. why2
      end)
      local _, v = coroutine.resume(co)
      return seen .. '; ' .. v
      """)
    #expect(said == "normal; cannot resume non-suspended coroutine; cannot close a normal coroutine; end")
  }

  @Test("The main chunk cannot tell that it is a coroutine")
  func mainChunk() async throws {
    let said = try await Machine().value(
      """
      local co, is_main = coroutine.running()
      local ok, why = pcall(coroutine.yield, 1)
      local ok2, why2 = coroutine.resume(co)
      return table.concat({tostring(is_main), tostring(coroutine.isyieldable()), why, coroutine.status(co), why2}, '; ')
      """)
    #expect(
      said
        == "true; false; attempt to yield from outside a coroutine; running; cannot resume non-suspended coroutine"
    )
  }

  @Test("Cancelling raises at the wait; a pcall loop cannot swallow it, clean-up may wait")
  func cancelling() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      log = {}
      spawn(function()
        local guard <close> = setmetatable({}, {__close = function() log[#log + 1] = wait('cleaned') end})
        for i = 1, 3 do
          local ok, e = pcall(never)
          log[#log + 1] = e.kind
        end
      end)
      wait('x')
      spawn(function() cancel_all() end)
      pcall(wait, 'x')
      pcall(wait, 'x')
      return 'main'
      """)
    #expect(said == "main")
    let log = await machine.value("return table.concat(log, ' ')")
    #expect(log == "cancelled cancelled cancelled cleaned")
  }

  @Test("A module that requires itself, by whatever way, is told so")
  func cycle() async throws {
    let machine = try await Machine { options in
      options.findModule = { name in
        .found(Array("return require('\(name == "a" ? "b" : "a")')".utf8), path: name)
      }
    }
    let said = await machine.value("return select(2, pcall(require, 'a'))")
    #expect(
      said
        == "test.lua:1: module 'a' requires itself: a -> b -> a\n\tby way of test.lua:1 → a → b")
  }

  @Test("A module may wait while it loads; a second branch that requires it waits for the first")
  func require() async throws {
    let machine = try await Machine { options in
      options.findModule = { name in
        name == "slow"
          ? .found(Array("loads = (loads or 0) + 1; wait('x'); return {n = loads}".utf8), path: "slow.lua")
          : .notFound("\n\tno file '\(name).lua'")
      }
    }
    #expect(
      await machine.value(
        """
        local other
        spawn(function() other = require 'slow' end)
        wait('x')
        local mine = require 'slow'
        return tostring(other == mine) .. mine.n
        """) == "true1")
    #expect(
      await machine.value("require 'none'")
        == "error: test.lua:1: module 'none' not found:\n\tno file 'none.lua'")
  }
}
