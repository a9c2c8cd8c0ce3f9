import LuaVM
import Testing

@Suite("A line of a session", .timeLimit(.minutes(20)))
struct LineTests {
  /// What a line gives: its results as text, its error, or what it is not.
  private func line(_ machine: Machine, _ text: String) async -> String {
    let end = await machine.vm.line(Array(text.utf8), name: "=stdin") { core, end -> String in
      switch end {
      case .raised(let failure, _): return "error: \(failure.sentence)"
      case .returned(let values):
        return values.map { value in
          core.stack.push(value)
          defer { core.stack.pop() }
          return core.stack.shown(-1)
        }.joined(separator: ", ")
      }
    }
    switch end {
    case .incomplete: return "incomplete"
    case .refused(let failure): return "refused: \(failure.sentence)"
    case .ended(let text): return text
    }
  }

  private func session() async throws -> Machine {
    let machine = try await Machine()
    await machine.vm.expectLines()
    return machine
  }

  @Test("that is an expression gives its values, a statement what it returns")
  func expressions() async throws {
    let machine = try await session()
    #expect(await line(machine, "1 + 1, 'a'") == "2, a")
    #expect(await line(machine, "x = 7") == "")
    #expect(await line(machine, "x") == "7")
    #expect(await line(machine, "return x") == "7")
    #expect(await line(machine, "#'abc'") == "3")
    #expect(await line(machine, "") == "")
    #expect(await line(machine, "-- nothing") == "")
    #expect(await line(machine, "wait('a') .. wait('b')") == "ab")
  }

  @Test(
    "goes on while it is incomplete",
    arguments: [
      "if", "function f()", "f(", "{", "x =", "for i = 1, 2 do", "a.b.c = {", "[[", "1 +", "f{ a = 1,",
      "local t <const> =", "--[[", "return",
    ])
  func continuation(_ text: String) async throws {
    let machine = try await session()
    let isWhole = ["return"].contains(text)
    #expect(await line(machine, text) == (isWhole ? "" : "incomplete"))
  }

  @Test("that is no Lua says why", arguments: ["x ==", "1 2", "'abc", "end", "= 1", "foo bar", "]"])
  func mistakes(_ text: String) async throws {
    let machine = try await session()
    let answer = await line(machine, text)
    #expect(text == "x ==" ? answer == "incomplete" : answer.hasPrefix("refused: stdin:1: "), "\(answer)")
  }

  @Test("ends while branches that it started go on, and they hear of later lines")
  func background() async throws {
    let machine = try await session()
    #expect(
      await line(machine, "spawn(function() got = wait('x') while not more do wait('y') end done = true end)")
        == "2")
    #expect(await line(machine, "while not got do wait('z') end return got, done") == "x, nil")
    #expect(await line(machine, "more = true while not done do wait('z') end return done") == "true")
  }

  @Test("that waits for another branch only is not taken for one that never goes on")
  func stalls() async throws {
    let machine = try await session()
    #expect(await line(machine, "spawn(function() stall() end)") == "2")
    #expect(await line(machine, "1") == "1")
    #expect(machine.lost.all == [])
  }

  @Test(
    "is interrupted by itself, and what it started goes on",
    arguments: ["never()", "while true do end", "while true do pcall(wait, 'x') end", "stall()"])
  func interruption(_ text: String) async throws {
    let machine = try await session()
    #expect(
      await line(machine, "alive = 0 spawn(function() while not stop do wait('x') alive = alive + 1 end end)")
        == "")
    #expect(await line(machine, "interrupt_line() \(text)").hasSuffix("interrupted"))
    #expect(
      await line(machine, "local now = alive while alive == now do wait('y') end return 'alive'") == "alive")
    #expect(await line(machine, "stop = true") == "")
  }

  @Test("that does not end in its clean-up is ended by a second interruption")
  func stubborn() async throws {
    let machine = try await session()
    let text = "finally(function() cleaning = true interrupt_line() never() end) interrupt_line() never()"
    #expect(await line(machine, text).hasSuffix("interrupted"))
    #expect(await line(machine, "cleaning") == "true")
    #expect(await machine.vm.with { $0.branchViews.count } == 0)
  }

  @Test("a branch that keeps the machine busy is interrupted in the line's place")
  func busyBranch() async throws {
    let machine = try await session()
    #expect(
      await line(machine, "spawn(function() interrupt_line() while true do end end) wait('x') return 5") != ""
    )
    #expect(await line(machine, "6") == "6")
  }

  @Test("os.exit is told")
  func exit() async throws {
    let machine = try await session()
    #expect(await line(machine, "pcall(os.exit, 7)").hasSuffix("os.exit"))
    #expect(await machine.vm.with { $0.exitCode } == 7)
  }

  @Test("branches are listed with their places")
  func list() async throws {
    let machine = try await session()
    #expect(await line(machine, "spawn(function()\n  never()\nend)") == "2")
    let views = await machine.vm.with { $0.branchViews.map { "\($0.id) \($0.place ?? "-") \($0.isLine)" } }
    #expect(views == ["2 stdin:2 false"])
  }
}
