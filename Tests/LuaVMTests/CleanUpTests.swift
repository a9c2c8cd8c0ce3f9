import LuaVM
import Testing

@Suite("Clean-up runs, and may wait", .timeLimit(.minutes(20)))
struct CleanUpTests {
  /// Declared in front of each script: `guard(text)` makes a variable that waits when it is closed.
  static let guards = """
    log = log or {}
    local function say(text) log[#log + 1] = text end
    local function guard(text)
      return setmetatable({}, {__close = function(_, e) say(wait(text) .. (e and ':' .. tostring(e.message or e) or '')) end})
    end

    """

  @Test(
    "on each way out of a block",
    arguments: [
      ("at its end", "do local a <close> = guard 'a'; local b <close> = guard 'b' end", "b a"),
      (
        "by an error that pcall catches",
        "local ok, e = pcall(function() local a <close> = guard 'a'; error('x', 0) end) say(tostring(e))",
        "a:x x"
      ),
      (
        "by an error that xpcall catches",
        """
        local ok, e = xpcall(function() local a <close> = guard 'a'; error('x', 0) end, function(m) return 'h' .. m end)
        say(e)
        """, "a:hx hx"
      ),
      (
        "by an error inside a wait",
        "local ok, e = pcall(function() local a <close> = guard 'a'; wait 'fail' end) say(e.kind)",
        "a:the wait failed refused"
      ),
      (
        "by an error of a closing function that waits",
        """
        local ok, e = pcall(function()
          local a <close> = guard 'a'
          local b <close> = setmetatable({}, {__close = function() wait 'x' error('worse', 0) end})
          error('x', 0)
        end)
        say(e)
        """, "a:worse worse"
      ),
      (
        "by break, of a generic for's closing value",
        "for i in function(_, c) return (c or 0) + 1 end, nil, nil, guard 'loop' do if i == 2 then say 'two' break end end",
        "two loop"
      ),
      (
        "at the end of a generic for",
        "for i in function(_, c) c = (c or 0) + 1 if c < 3 then return c end end, nil, nil, guard 'loop' do say(tostring(i)) end",
        "1 2 loop"
      ),
      (
        "by return through two blocks",
        "(function() local a <close> = guard 'a' do local b <close> = guard 'b' return end end)()", "b a"
      ),
      (
        "by goto",
        "do goto first ::again:: goto done ::first:: do local a <close> = guard 'a' goto again end ::done:: end",
        "a"
      ),
      (
        "inside a coroutine",
        """
        local co = coroutine.wrap(function() do local a <close> = guard 'a' coroutine.yield('y') end return 'r' end)
        say(co()) say(co())
        """, "y a r"
      ),
    ])
  func blocks(_ name: String, _ script: String, _ expected: String) async throws {
    #expect(
      try await Machine().value(Self.guards + script + "\nreturn table.concat(log, ' ')") == expected,
      "\(name)")
  }

  @Test("when an error ends the branch, before the branch is over")
  func uncaught() async throws {
    let machine = try await Machine()
    let end = await machine.run(
      Self.guards + "local a <close> = guard 'a'; local b <close> = guard 'b' error('x', 0)")
    #expect(end.failure?.message == "x")
    #expect(await machine.value("return table.concat(log, ' ')") == "b:x a:x")
  }

  @Test(
    "of deferred functions, last first",
    arguments: [
      ("where the branch returns", "say 'end' return 'r'", "end 2 1", ""),
      ("where it raises", "say 'end' error('x', 0)", "end 2 1", "x"),
      ("where it is cancelled", "pcall(never) say 'woken' never()", "woken 2 1", "test.lua:10: cancelled"),
    ])
  func deferred(_ name: String, _ ending: String, _ expected: String, _ lost: String) async throws {
    let machine = try await Machine()
    let said = await machine.value(
      Self.guards + """
        local branch = spawn(function()
          finally(function() say(wait '1') end)
          finally(function() say(wait '2') end)

          \(ending)
        end)
        wait 'x'
        cancel(branch)
        for i = 1, 5 do wait 'x' end
        return table.concat(log, ' ')
        """)
    #expect(said == expected, "\(name)")
    #expect(machine.lost.all == (lost.isEmpty ? [] : [lost]), "\(name)")
  }

  @Test("of the main chunk's deferred functions too, after its variables are closed")
  func deferredOfMain() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      Self.guards + "finally(function() say(wait 'deferred') end) local a <close> = guard 'a' return 'r'")
    #expect(said == "r")
    #expect(await machine.value("return table.concat(log, ' ')") == "a deferred")
  }

  @Test("An error in a deferred function is reported and stops no other")
  func failingDeferred() async throws {
    let machine = try await Machine()
    let end = await machine.run(
      Self.guards + """
        finally(function() say(wait '1') end)
        finally(function() error('at once', 0) end)
        finally(function() wait 'x' error('after a wait', 0) end)
        finally(function() error({}) end)
        finally(function() say(wait '2') end)
        return 'r'
        """)
    #expect(end.returned == "r")
    #expect(machine.lost.all == ["(error object is a table value)", "after a wait", "at once"])
    #expect(await machine.value("return table.concat(log, ' ')") == "2 1")
  }

  @Test("A deferred function may defer another one")
  func deferredInDeferred() async throws {
    let machine = try await Machine()
    _ = await machine.run(
      Self.guards + "finally(function() say '1' finally(function() say(wait '3') end) say '2' end)")
    #expect(await machine.value("return table.concat(log, ' ')") == "1 2 3")
  }

  @Test("The values of a branch that defers arrive unharmed")
  func valuesPass() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      "finally(function() wait 'x' return 'not this' end) return (select('#', table.unpack({}, 1, 300)))")
    #expect(said == "300")
  }
}
