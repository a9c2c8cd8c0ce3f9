import LuaVM
import Testing

@Suite("Branches by the hundred thousand", .serialized, .timeLimit(.minutes(20)))
struct ManyBranchesTests {
  private static let count = 100_000

  @Test("wait at once, in less than 2 KB of Lua each, and all go on")
  func waiting() async throws {
    let machine = try await Machine()
    let end = await machine.run(
      """
      local before = collectgarbage('count')
      local started, ended, stop = 0, 0, false
      for i = 1, \(Self.count) do
        spawn(function()
          started = started + 1
          while not stop do wait 'x' end
          ended = ended + 1
        end)
      end
      wait 'x'
      collectgarbage()
      local each = (collectgarbage('count') - before) * 1024 / \(Self.count)
      stop = true
      while ended < \(Self.count) do wait 'x' end
      collectgarbage()
      assert(each < 2048, 'each branch holds ' .. each)
      assert(collectgarbage('count') - before < 8192, 'branches are left over')
      return started .. ' ' .. ended
      """)
    #expect(end.failure == nil)
    #expect(end.returned == "\(Self.count) \(Self.count)")
  }

  @Test("go on in the order of their answers, the same in each run")
  func order() async throws {
    let script = """
      local log = {}
      for i = 1, 50 do
        spawn(function()
          for j = 1, i % 7 do
            wait 'x'
            log[#log + 1] = i .. '.' .. j
            if i % 3 == 0 then spawn(function() wait 'y' log[#log + 1] = i .. '+' end) end
          end
        end)
      end
      for i = 1, 30 do wait 'x' end
      return table.concat(log, ' ')
      """
    let first = try await Machine().value(script)
    #expect(first.hasPrefix("1.1 2.1 3.1 4.1 5.1 6.1 8.1"))
    for _ in 1...5 { #expect(try await Machine().value(script) == first) }
  }

  @Test("Coroutines may nest fifty deep, and wait at the bottom")
  func deepNesting() async throws {
    let said = try await Machine().value(
      """
      local function nest(n)
        if n == 0 then return wait 'bottom' .. wait '!' end
        local co = n % 2 == 0 and coroutine.wrap(function() return nest(n - 1) end)
        if co then return co() end
        local made = coroutine.create(function() coroutine.yield(nest(n - 1)) return 'end' end)
        local ok, value = coroutine.resume(made)
        assert(ok and coroutine.resume(made))
        return value
      end
      return nest(50)
      """)
    #expect(said == "bottom!")
  }

  @Test("A script's end is told when its last branch has ended, also to a second script beside it")
  func twoScripts() async throws {
    let machine = try await Machine()
    async let first = machine.value("for i = 1, 3 do wait 'x' end return 'first'")
    async let second = machine.value("wait 'x' return 'second'")
    #expect(await [first, second] == ["first", "second"])
  }

  @Test("A machine that is closed runs nothing more, and says so")
  func closed() async throws {
    let machine = try await Machine()
    _ = await machine.value("spawn(function() wait 'x' end)")
    await machine.vm.close()
    #expect(await machine.value("return 1") == "error: the virtual machine is closed")
    machine.vm.interrupt()
  }
}
