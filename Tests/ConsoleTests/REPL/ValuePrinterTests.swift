@testable import Console
import LuaVM
import Testing

@Suite("A value at the prompt", .timeLimit(.minutes(20)))
struct ValuePrinterTests {
  /// What a line's first value looks like.
  private func shown(_ text: String, columns: Int = 60) async throws -> String {
    let vm = VM()
    try await vm.open()
    let end = await vm.line(Array(text.utf8), name: "=stdin") { core, end -> String in
      guard case .returned(let values) = end, let value = values.first else { return "\(end)" }
      core.stack.push(value)
      defer { core.stack.pop() }
      return ValuePrinter.text(core.stack, -1, columns: columns)
    }
    guard case .ended(let shown) = end else { return "\(end)" }
    return shown
  }

  @Test(
    "looks as Lua would have it written",
    arguments: [
      ("nil", "nil"), ("true", "true"), ("1", "1"), ("1.5", "1.5"),
      ("'a\"\\n\\0\\255é'", "\"a\\\"\\n\\x00\\xFFé\""),
      ("'\\27[2J\\u{9B}'", "\"\\x1B[2J\\u{9b}\""), ("print", "function (built in)"),
      ("function() end", "function (stdin:1)"), ("{}", "{}"), ("{1, 2, nil, 4}", "{ 1, 2, nil, 4 }"),
      ("{b = 1, a = {c = 'x'}, 7}", "{ 7, a = { c = \"x\" }, b = 1 }"),
      (
        "{[3] = 1, [-1] = 2, [1.5] = 3, ['a b'] = 4, ['end'] = 5, [true] = 6}",
        "{\n  [-1] = 2,\n  [1.5] = 3,\n  [3] = 1,\n  [\"a b\"] = 4,\n  [\"end\"] = 5,\n  [true] = 6,\n}"
      ),
      ("{{{{{{}}}}}}", "{ { { { {…} } } } }"), ("{{{{{}}}}}", "{ { { { {} } } } }"),
      ("coroutine.create(print)", "thread"),
      ("setmetatable({a = 1}, {__name = 'record'})", "record { a = 1 }"),
    ])
  func texts(_ code: String, _ text: String) async throws {
    #expect(try await shown(code) == text)
  }

  @Test("that is too wide stands below itself")
  func layout() async throws {
    #expect(
      try await shown("{name = ('x'):rep(20), list = {1, 2, 3}, more = {long = ('y'):rep(20)}}", columns: 50)
        == """
        {
          list = { 1, 2, 3 },
          more = { long = "yyyyyyyyyyyyyyyyyyyy" },
          name = "xxxxxxxxxxxxxxxxxxxx",
        }
        """)
  }

  @Test("names the tables that stand in themselves")
  func cycles() async throws {
    #expect(
      try await shown("(function() local t = {} t.self = t t.other = {up = t} return t end)()", columns: 100)
        == "{ other = { up = <the table around it> }, self = <the table around it> }")
  }

  @Test("runs nothing of the script's")
  func metamethods() async throws {
    let code = """
      setmetatable({1, a = 2}, {__index = error, __tostring = error, __pairs = error, __len = error, \
      __metatable = 'x', __name = 7})
      """
    #expect(try await shown(code) == "{ 1, a = 2 }")
  }

  @Test("with a million keys is shown by the first of them")
  func million() async throws {
    let code = "(function() local t = {} for i = 1, 1000000 do t[i], t['k' .. i] = i, i end return t end)()"
    let text = try await shown(code)
    #expect(text.hasPrefix("{\n  1,\n  2,\n") && text.hasSuffix("  … 1999920 more\n}"), "\(text.suffix(100))")
    #expect(text.contains("\n  k1 = 1,\n  k10 = 10,\n"))
  }

  @Test("that is a long text is cut")
  func long() async throws {
    let text = try await shown("('x'):rep(1000000)")
    #expect(text.hasSuffix("x\"… (1000000 bytes)") && text.count < 30_000)
  }
}
