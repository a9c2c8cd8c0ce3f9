import Glibc
import Testing

/// The built program beside the tests, and stock Lua to compare it with.
private enum Tools {
  static let root = String(#filePath.dropLast("/Tests/LuaVMTests/TrustedProfileTests.swift".count))
  static let cvlua = "\(root)/.build/debug/cvlua"
  static let isBuilt = access(cvlua, X_OK) == 0
  static let hasStock = access("/usr/bin/lua5.4", X_OK) == 0

  /// What a shell command writes, errors too, and its exit code.
  static func output(of command: String) -> (text: String, code: Int32) {
    guard let stream = popen(command + " 2>&1", "r") else { return ("", -1) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(byte)) }
    let status = pclose(stream)
    return (String(decoding: bytes, as: UTF8.self), status & 0x7F == 0 ? (status >> 8) & 0xFF : -1)
  }
}

@Suite("The trusted profile runs stock Lua programs unmodified", .serialized, .enabled(if: Tools.isBuilt))
struct TrustedProfileTests {
  /// Runs the same in the folder of the programs with stock Lua and with cvlua.
  private func both(_ arguments: String, input: String) -> (
    stock: (text: String, code: Int32), ours: (text: String, code: Int32)
  ) {
    let start =
      "cd \(Tools.root)/Tests/TrustedPrograms && export LUA_PATH='./lib/?.lua;;' && printf '\(input)' | "
    var stock = Tools.output(of: start + "lua5.4 " + arguments)
    stock.text = stock.text.replacing("lua5.4: ", with: "cvlua: ")
    return (stock, Tools.output(of: start + "\(Tools.cvlua) --trusted " + arguments))
  }

  @Test(
    "to the same output and exit code",
    .enabled(if: Tools.hasStock),
    arguments: [
      ("args.lua a 'b c'", ""), ("-e 'print(1)' args.lua x", ""), ("-l mine -e 'print(mine)'", ""),
      ("- a b", "print(\"from stdin\", ...)"), ("- x", "#!shebang\\nprint(...)"),
      ("io.lua", "one\\ntwo"), ("mods.lua", "12 x"), ("exits.lua plain", ""), ("exits.lua pcall", ""),
      ("exits.lua coroutine", ""), ("exits.lua sort", ""), ("exits.lua true", ""), ("exits.lua false", ""),
      ("exits.lua close", ""), ("exits.lua gc", ""), ("exits.lua handler", ""), ("exits.lua tostring", ""),
      ("exits.lua require", ""), ("exits.lua return", ""), ("exits.lua gcatclose", ""),
      ("exits.lua gsub", ""),
      ("exits.lua hook", ""), ("exits.lua closeincoro", ""), ("exits.lua nested", ""), ("exits.lua none", ""),
      ("/usr/bin/busted -o TAP a_spec.lua", ""),
    ])
  func same(_ arguments: String, _ input: String) {
    let (stock, ours) = both(arguments, input: input)
    #expect(ours.text == stock.text)
    #expect(ours.code == stock.code)
  }

  @Test(
    "an error that nobody catches is told the same way, and the exit code is that of a script error",
    .enabled(if: Tools.hasStock), arguments: ["exits.lua error", "exits.lua table"])
  func uncaught(_ arguments: String) {
    let (stock, ours) = both(arguments, input: "")
    #expect(ours.text == stock.text)
    #expect(stock.code == 1)
    #expect(ours.code == 65)
  }

  @Test("Lua's official test suite passes where stock Lua passes it", .timeLimit(.minutes(20)))
  func officialSuite() throws {
    let (text, code) = Tools.output(of: "\(Tools.root)/Tests/OfficialSuite/run.sh \(Tools.cvlua)")
    print(text)
    if code == 77 { try Test.cancel(Comment(rawValue: text)) }
    #expect(code == 0, "\(text)")
  }
}
