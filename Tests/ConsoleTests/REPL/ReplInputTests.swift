@testable import Console
import Terminal
import Testing

@Suite("What is typed at the prompt")
struct ReplInputTests {
  @Test(
    "is a chunk, a question or a command",
    arguments: [
      ("1 + 1", .run("1 + 1")), ("  x", .run("  x")), ("", .none), ("   ", .none),
      ("::again::", .run("::again::")), ("flow.map?", .explain("flow.map")),
      ("task:wait ?", .explain("task:wait")),
      ("?", .explain("")), ("a b?", .run("a b?")), ("=1 + 1", .run("1 + 1")), (" = x", .run(" x")),
      ("==x", .run("==x")),
      (":help", .command(.help)), (":q", .command(.quit)),
      (":jobs", .command(.jobs)), (":time  f()", .command(.time("f()"))),
      (":save my night.lua ", .command(.save("my night.lua"))),
      (":jobs now", .mistake(":jobs takes nothing behind it")),
      (":time", .mistake(":time takes code, as in :time backup.rds(t):wait()")),
      (":save", .mistake(":save takes a file's name, as in :save tonight.lua")),
      (":x", .mistake("there is no :x; there are :help, :jobs, :quit, :save, :time")),
      (":", .mistake("there is no :; there are :help, :jobs, :quit, :save, :time")),
    ] as [(String, ReplInput.Action)])
  func actions(_ line: String, _ action: ReplInput.Action) {
    var input = ReplInput()
    #expect(input.take(line) == action)
  }

  @Test("goes on with the next line until the chunk is whole, whatever that line looks like")
  func continuation() {
    var input = ReplInput()
    #expect(input.take("f{") == .run("f{"))
    input.goesOn("f{")
    #expect(input.take(":quit") == .run("f{\n:quit"))
    input.goesOn("f{\n:quit")
    #expect(input.take("") == .run("f{\n:quit\n"))
    input.isOver()
    #expect(input.take(":quit") == .command(.quit))
  }
}

@Suite("Completion")
struct CompletionTests {
  @Test(
    "knows what is being typed",
    arguments: [
      ("", .name("")), ("ba", .name("ba")), ("x = ba", .name("ba")), ("f(ba", .name("ba")),
      ("x = ", .name("")),
      ("backup.", .member(of: ["backup"], separator: ".", "")),
      ("t:wa", .member(of: ["t"], separator: ":", "wa")),
      ("a.b.c.d", .member(of: ["a", "b", "c"], separator: ".", "d")), ("f().x", .nothing), ("1.", .nothing),
      (":jo", .command("jo")), (":save ~/x", .file("~/x")),
      (":time t:w", .member(of: ["t"], separator: ":", "w")),
      (":jobs ", .nothing), ("::x", .name("x")),
      ("backup.rds{ cl", .field(path: ["backup", "rds"], given: [], "cl")),
      ("backup.rds{", .field(path: ["backup", "rds"], given: [], "")),
      ("backup.rds({ a = 1, ", .field(path: ["backup", "rds"], given: ["a"], "")),
      ("backup.rds{ a = 1, b = \"x\"; c", .field(path: ["backup", "rds"], given: ["a", "b"], "c")),
      ("x = eu.backup.rds:with{\n  cl", .field(path: ["eu", "backup", "rds", "with"], given: [], "cl")),
      (
        "rds{ associations = { { cl",
        .field(path: ["rds"], in: .init(fields: ["associations"]), given: ["associations"], "cl")
      ),
      ("rds{ a = { b = 1 }, c", .field(path: ["rds"], given: ["a"], "c")),
      ("rds{ a = b", .name("b")), ("return { a", .name("a")),
      ("f(function() return rds{ su", .field(path: ["rds"], given: [], "su")),
      (
        "rds{ backupLevel = \"F",
        .value(path: ["rds"], field: "backupLevel", given: ["backupLevel": ""], "F")
      ),
      (
        "rds{ clientName = 'aws', subclientName = '",
        .value(path: ["rds"], field: "subclientName", given: ["clientName": "aws", "subclientName": ""], "")
      ),
      (
        "rds({ a = 1 }, { fi",
        .field(path: ["rds"], in: .init(argument: 1), given: [], "fi")
      ),
      (
        "rds({ a = 1, b = { 1, 2 } }, { pool = p, finish_within = { ",
        .field(
          path: ["rds"], in: .init(argument: 1, fields: ["finish_within"]),
          given: ["pool", "finish_within"], "")
      ),
      (
        "rds({ a = 1 }, { on_busy = \"w",
        .value(path: ["rds"], in: .init(argument: 1), field: "on_busy", given: ["on_busy": ""], "w")
      ),
      (
        "flow.map(list, function(x, y) return x end, { li",
        .field(path: ["flow", "map"], in: .init(argument: 2), given: [], "li")
      ),
      ("f(a, b, { c", .field(path: ["f"], in: .init(argument: 2), given: [], "c")),
      ("({ a", .name("a")), ("(f)({ a", .name("a")), ("return ({ a", .name("a")),
      ("require \"te", .argument(path: ["require"], "te")),
      ("require('te", .argument(path: ["require"], "te")),
      ("commcell \"", .argument(path: ["commcell"], "")), ("\"text", .nothing), ("-- back", .nothing),
      ("--[[ back", .nothing), ("x = [[back", .nothing), ("return \"x", .nothing),
      ("f(\"a\", ba", .name("ba")), ("\"a\" .. ba", .name("ba")), ("rds{ \"a", .nothing),
    ] as [(String, CompletionContext)])
  func contexts(_ text: String, _ context: CompletionContext) {
    #expect(CompletionContext(text) == context)
  }

  @Test("puts in what is certain, and lists what is not")
  func insertion() {
    let words = ["completed", "committed", "errors"].map { Completer.Word(text: $0, end: "\"") }
    #expect(
      Completer.completion("e", words)
        == Completion(replaced: 1, inserted: "errors\"", choices: ["errors"]))
    #expect(
      Completer.completion("co", words)
        == Completion(replaced: 2, inserted: "com", choices: ["committed", "completed"]))
    #expect(Completer.completion("com", words) == Completion(choices: ["committed", "completed"]))
    #expect(
      Completer.completion("ERR", words)
        == Completion(replaced: 3, inserted: "errors\"", choices: ["errors"]))
    #expect(Completer.completion("x", words) == Completion())
    #expect(Completer.completion("", [Completer.Word(text: "a\u{1B}[2J")]) == Completion())
  }
}
