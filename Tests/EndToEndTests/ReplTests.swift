import Glibc
import Testing

@Suite("The prompt", .timeLimit(.minutes(20)))
struct ReplTests {
  /// A session with the simulated Command Center, from its prompt on.
  private func simulated(
    _ options: String = "", columns: Int = 100, rows: Int = 40
  ) async throws -> TerminalSession {
    let session = try await TerminalSession(
      "cvlua --simulate --at 2026-11-21T22:00 \(options)", in: try Folder(), columns: columns, rows: rows)
    try await session.wait(forPrompt: "sim>")
    return session
  }

  @Test("shows what expressions give, goes on while a chunk is incomplete, and tells mistakes")
  func typing() async throws {
    let session = try await simulated()
    try await session.line("1 + 1, 'a'", shows: "2, \"a\"")
    try await session.line("_ * 21", shows: "42")
    try await session.line("for i = 1, 2 do", shows: "   >")
    try await session.line("  print('round', i)", shows: "   >   print('round', i)\n   >")
    try await session.line("end", shows: "round   2")
    try await session.line("{ 1, x = { y = 'z' } }", shows: "{ 1, x = { y = \"z\" } }")
    try await session.line("x ==== 1", shows: "syntax error")
    try await session.line("error 'oops'", shows: "oops")
    try await session.line("nonsense?", shows: "nothing is known of nonsense")
    try await session.keys("C-d")
    try await session.wait(for: "exit 0")
    #expect(
      try await session.last() == """
        cvlua 0.1.0 with Lua 5.4.4; :help tells what there is, Ctrl-D leaves
        SIMULATED Command Center, seed 1; what waits takes no time
        sim> 1 + 1, 'a'
        2, "a"
        sim> _ * 21
        42
        sim> for i = 1, 2 do
           >   print('round', i)
           > end
        round   1
        round   2
        sim> { 1, x = { y = 'z' } }
        { 1, x = { y = "z" } }
        sim> x ==== 1
        stdin:1: syntax error near '=='
        sim> error 'oops'
        stdin:1: oops
        sim> nonsense?
        nothing is known of nonsense; :help tells what there is
        sim> ^D
        exit 0
        """)
  }

  @Test("wraps what it explains between words, and takes = before an expression")
  func narrow() async throws {
    let session = try await simulated(columns: 60, rows: 100)
    try await session.line("=6 * 7", shows: "42")
    try await session.line(":help", shows: "line.\nsim>")
    try await session.line("flow.race?", shows: "assert(who == 2)")
    let shown = try await session.last()
    #expect(
      shown.contains(
        """
          name?         what it takes, gives and does, with an
                        example: flow.map?  task:wait?  backup.rds?
                        ladder?
        """), "\(shown)")
    #expect(
      shown.contains(
        "  Runs the functions at once, waits for the first that ends,\n  and cancels the others.\n"),
      "\(shown)")
  }

  @Test("completes names, fields, their values, and what the Command Center has")
  func completion() async throws {
    let session = try await simulated()
    try await session.type("backup.rd")
    try await session.keys("Tab")
    try await session.wait(for: "sim> backup.rds")
    try await session.type("{ cli")
    try await session.keys("Tab")
    try await session.wait(for: "{ clientName =")
    try await session.type("\"aws")
    try await session.keys("Tab")
    try await session.wait(for: "\"aws-prod\"")
    try await session.type(", instanceName = \"e")
    try await session.keys("Tab")
    try await session.wait(for: "\"eu-west-1\"")
    try await session.type(", subclientName = \"")
    try await session.keys("Tab")
    try await session.wait(for: "crm")
    try await session.type("crm\", backupLevel = \"S")
    try await session.keys("Tab")
    try await session.wait(for: "\"SYNTHETIC_FULL\"")
    try await session.keys("C-c")
    try await session.wait(for: "^C")
    try await session.type("backup.rds({}, { finish_w")
    try await session.keys("Tab")
    try await session.wait(for: "finish_within =")
    try await session.type("{ action = \"su")
    try await session.keys("Tab")
    try await session.wait(for: "\"suspend\"")
    try await session.keys("C-c")
    try await session.wait(for: "\"suspend\"^C")
    try await session.type("backup.rds:with({}, { on_b")
    try await session.keys("Tab")
    try await session.wait(for: "on_busy =")
    try await session.type("\"att")
    try await session.keys("Tab")
    try await session.wait(for: "\"attach\"")
    try await session.keys("C-c")
    try await session.wait(for: "\"attach\"^C")
    try await session.type("require \"lad")
    try await session.keys("Tab")
    try await session.wait(for: "require \"ladder\"")
    try await session.keys("Enter")
    try await session.wait(for: "function (")
    try await session.type(":jo")
    try await session.keys("Tab")
    try await session.wait(for: "sim> :jobs")
    try await session.keys("C-u", "C-d")
    try await session.wait(for: "exit 0")
    let shown = try await session.last()
    #expect(
      shown.contains("sim> backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\""), "\(shown)")
  }

  @Test("tells at its end which faults hit nothing")
  func misses() async throws {
    let session = try await simulated("--faults mssql:fail,rds:warnings")
    try await session.line(
      "backup.rds{ clientName = \"a\", instanceName = \"b\", subclientName = \"c\" }:wait().outcome",
      shows: "\"warnings\"")
    try await session.keys("C-d")
    try await session.wait(for: "warning: --faults mssql:fail hit nothing: no mssql was submitted")
    try await session.wait(for: "exit 0")
  }

  @Test("never runs the script for completion or to show a table")
  func metamethods() async throws {
    let session = try await simulated()
    try await session.line(
      "t = setmetatable({ one = 1 }, { __index = function() print 'ran' end, __tostring = error })",
      shows: "error })")
    try await session.type("t.o")
    try await session.keys("Tab")
    try await session.wait(for: "sim> t.one")
    try await session.keys("Enter")
    try await session.wait(forPrompt: "sim>")
    try await session.line("t", shows: "{ one = 1 }")
    #expect(try await !session.last().contains("\nran"))
  }

  @Test("Ctrl-C interrupts a line that runs or waits, gives up one that is typed, and spares the session")
  func interruption() async throws {
    let session = try await simulated()
    try await session.line("kept = 'kept' print 'running' while true do pcall(error) end", shows: "\nrunning")
    try await session.keys("C-c")
    try await session.wait(for: "interrupted\nsim>")
    try await session.line("flow.semaphore(1):acquire() print 'waiting' s = flow.semaphore(0)", shows: "sim>")
    try await session.type("half a line")
    try await session.wait(for: "half a line")
    try await session.keys("C-c")
    try await session.wait(for: "half a line^C")
    try await session.line("kept", shows: "\"kept\"")
    try await session.line("for i = 1, 2 do", shows: "   >")
    try await session.keys("C-c")
    try await session.wait(for: "> ^C")
    try await session.line("kept .. '!'", shows: "\"kept!\"")
    _ = try await session.last()
  }

  @Test("what a branch in the background prints, logs or raises comes out above the line that is typed")
  func background() async throws {
    let folder = try Folder()
    let session = try await TerminalSession("cvlua --journal none", in: folder, columns: 60, rows: 14)
    try await session.wait(forPrompt: "cvlua>")
    try await session.line(
      "flow.spawn(function() \(Self.untilThere("go")) print 'printed' io.write 'un' io.write 'finished\\n' error 'raised' end)",
      shows: "branch\ncvlua>")
    try await session.type("print('this line is typed while a branch prints, and takes two rows')")
    try await session.keys("Left", "Left")
    try await session.wait(for: "two rows')")
    try folder.write("go", "")
    try await session.wait(for: "<stdin:1>")
    try await session.type("!")
    try await session.wait(for: "two rows!')")
    let shown = try await session.shown()
    #expect(shown.contains("\nprinted\nunfinished\n"), "\(shown)")
    #expect(shown.contains(" error in a branch: stdin:1: raised\n"), "\(shown)")
    #expect(
      shown.hasSuffix(
        "\ncvlua> print('this line is typed while a branch prints, and\ntakes two rows!')"), "\(shown)")
    try await session.keys("Enter")
    try await session.wait(for: "\nthis line is typed while a branch prints, and takes two rows\n!\n")
    _ = try await session.last()
  }

  /// Lua that waits until a file is there.
  private static func untilThere(_ file: String) -> String {
    "repeat flow.sleep(0.02) until pcall(run.read, '\(file)')"
  }

  @Test("a line can wait, and so can its background")
  func waiting() async throws {
    let session = try await simulated()
    try await session.line(
      "t = backup.rds{ clientName = 'aws-prod', instanceName = 'eu-west-1', subclientName = 'crm' }",
      shows: "job 148886\nsim>")
    try await session.line("t", shows: "task 9920: rds aws-prod/eu-west-1/crm")
    try await session.line("t:wait().outcome", shows: "\"completed\"")
    try await session.line(":time flow.sleep '2h'", shows: "2h 00m of simulated time")
    try await session.line(":jobs", shows: "completed  rds  aws-prod/eu-west-1/crm  job 148886")
    try await session.line(":save night.lua", shows: "saved 3 chunks to night.lua")
    try await session.line(":save night.lua", shows: "night.lua is there already: name another file")
    try await session.keys("C-d")
    try await session.wait(for: "exit 0")
    #expect(try await session.last().contains("1 target, 1 submit: 1 good"))
    #expect(
      try File.read("\(session.folder.path)/night.lua") == """
        t = backup.rds{ clientName = 'aws-prod', instanceName = 'eu-west-1', subclientName = 'crm' }
        print(t)
        print(t:wait().outcome)

        """)
  }

  @Test("explains functions, values of a kind, workloads and modules")
  func explanations() async throws {
    let session = try await simulated()
    try await session.line("flow.sleep?", shows: "flow.sleep(duration")
    try await session.line("sem = flow.semaphore(2)", shows: "semaphore(2)\nsim>")
    try await session.line("sem:acquire?", shows: "semaphore:acquire()")
    try await session.keys("C-l")
    try await session.line("ladder?", shows: "Climbs from one backup level to the next")
    try await session.keys("C-l")
    try await session.line("function own() end", shows: "sim> function own() end\nsim>")
    try await session.line("own?", shows: "function: function (stdin:1)")
    try await session.line("flow.mpa?", shows: "did you mean")
    _ = try await session.last()
  }

  @Test("keeps a history that arrow keys bring back, without secrets, for the user alone")
  func history() async throws {
    let folder = try Folder()
    let first = try await TerminalSession("cvlua --simulate", in: folder)
    try await first.wait(forPrompt: "sim>")
    try await first.line("answer = 42", shows: "42\nsim>")
    try await first.line("password = 'hunter2'", shows: "hunter2'\nsim>")
    try await first.keys("C-d")
    try await first.wait(for: "exit 0")
    _ = try await first.last()
    #expect(try File.read("\(folder.path)/.local/state/cvlua/history") == "answer = 42\n")
    var status = stat()
    #expect(
      stat("\(folder.path)/.local/state/cvlua/history", &status) == 0 && status.st_mode & 0o777 == 0o600)
    let second = try await TerminalSession("cvlua --simulate", in: folder)
    try await second.wait(forPrompt: "sim>")
    try await second.keys("Up")
    try await second.wait(forPrompt: "sim> answer = 42")
    _ = try await second.last()
  }

  @Test("a history that cannot be written is told of once")
  func unwritableHistory() async throws {
    let folder = try Folder()
    try folder.write(".local", "no folder")
    let session = try await TerminalSession("cvlua --simulate", in: folder)
    try await session.wait(for: "sim>")
    for number in 1...3 { try await session.line("\(number) * 111", shows: "\n\(number * 111)\n") }
    let shown = try await session.last()
    #expect(
      shown.split(separator: "\n").count { $0.hasPrefix("warning: the history cannot be ") } == 1, "\(shown)")
  }

  @Test("what is pasted is one chunk, of text only")
  func paste() async throws {
    let session = try await simulated()
    try await session.paste("local x = 20\r\n\tlocal y = 22\u{07}\u{03}\nprint('pasted', x + y)\n")
    try await session.wait(for: "print('pasted', x + y)")
    try await session.keys("Enter")
    try await session.wait(for: "pasted  42")
    _ = try await session.last()
  }

  @Test("is drawn anew when the terminal is resized")
  func resize() async throws {
    let session = try await simulated()
    try await session.type("print('a line that is longer than the terminal will be', 'and goes on')")
    try await session.wait(for: "goes on')")
    try await session.resize(columns: 40, rows: 20)
    try await session.keys("Enter")
    try await session.wait(for: "will be and goes on\nsim>")
    _ = try await session.last()
  }

  @Test("a line may be a megabyte long")
  func longLine() async throws {
    let session = try await simulated()
    try await session.paste("x = #'\(String(repeating: "a", count: 1 << 20))' print('it has', x)")
    // What is pasted is read before the key that comes after it.
    try await session.keys("Enter")
    try await session.wait(for: "\nit has  1048576\nsim>")
    _ = try await session.last()
  }

  @Test("a terminal that cannot move its cursor has a prompt without keys to edit")
  func dumb() async throws {
    let session = try await TerminalSession(
      "TERM=dumb cvlua --simulate --journal none", in: try Folder(), columns: 100)
    try await session.wait(forPrompt: "sim>")
    try await session.line("for i = 1, 2 do", shows: "   >")
    try await session.line("print('round', i) end", shows: "round   2\nsim>")
    try await session.keys("C-c")
    try await session.wait(for: "^C\nsim>")
    try await session.keys("C-d")
    try await session.wait(for: "exit 0")
    #expect(try await !session.last().contains("["))
  }

  @Test("SIGTERM ends the session with 143, and clean-up runs")
  func termination() async throws {
    let folder = try Folder()
    let session = try await TerminalSession(
      "sh -c 'echo $$ > pid; exec cvlua --journal none'", in: folder)
    try await session.wait(forPrompt: "cvlua>")
    try await session.line(
      "flow.spawn(function() flow.defer(function() print 'cleaned' end) flow.sleep '1h' end)",
      shows: "branch\ncvlua>")
    let pid = try #require(
      pid_t(try File.read("\(folder.path)/pid").split(separator: "\n").first.map(String.init) ?? ""))
    kill(pid, SIGTERM)
    try await session.wait(for: "exit 143")
    #expect(try await session.last().contains("\ncleaned\n"))
  }

  @Test("has a team's library at hand, whose names it completes")
  func library() async throws {
    let folder = try Folder()
    mkdir("\(folder.path)/shared", 0o700)
    mkdir("\(folder.path)/shared/team", 0o700)
    try folder.write(
      "shared/team/policies.lua", "-- How we back up.\nreturn { weekly = function() return 'FULL' end }\n")
    let session = try await TerminalSession("cvlua --simulate --library shared", in: folder)
    try await session.wait(forPrompt: "sim>")
    try await session.line("policies = require 'team.policies'", shows: "policies'\nsim>")
    try await session.type("policies.we")
    try await session.keys("Tab")
    try await session.wait(forPrompt: "sim> policies.weekly")
    try await session.line("()", shows: "\"FULL\"")
    try await session.line("team.policies?", shows: "\nHow we back up.")
    _ = try await session.last()
  }

  @Test("a terminal that vanishes ends the session")
  func vanishing() async throws {
    let folder = try Folder()
    let session = try await TerminalSession("sh -c 'echo $$ > pid; exec cvlua --simulate'", in: folder)
    try await session.wait(forPrompt: "sim>")
    let pid = try #require(
      pid_t(try File.read("\(folder.path)/pid").split(separator: "\n").first.map(String.init) ?? ""))
    try await session.vanish()
    for _ in 0..<3000 where kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(kill(pid, 0) != 0)
  }

  @Test("os.exit leaves with its code, and -i comes after what is run")
  func interactive() async throws {
    let folder = try Folder()
    try folder.write(
      "x.lua", "name, given = 'from the file', ...  flow.spawn(function() flow.sleep '1h' end)\n")
    let session = try await TerminalSession("cvlua --simulate -e 'early = 1' -i x.lua argument", in: folder)
    try await session.wait(forPrompt: "sim>")
    try await session.line(
      "name, given, early, arg[1]", shows: "\"from the file\", \"argument\", 1, \"argument\"")
    try await session.line("os.exit(7)", shows: "exit 7")
    _ = try await session.last()
    let broken = try Folder()
    try broken.write("x.lua", "error 'broken'\n")
    let second = try await TerminalSession("cvlua --simulate -i x.lua", in: broken)
    try await second.wait(forPrompt: "sim>")
    #expect(try await second.last().contains("cvlua: x.lua:1: broken"))
  }

  @Test("-i without a terminal is a sentence; a script on standard input needs none")
  func noTerminal() async throws {
    let folder = try Folder()
    let child = try Child(
      "/bin/sh", ["-c", "cvlua -i </dev/null; echo \"exit $?\"; echo 'print(6 * 7)' | cvlua"],
      in: folder.path,
      environment: Place.environment)
    let ending = try await child.ending()
    #expect(ending.output == "exit 64\n42\n")
    #expect(
      ending.errors == "cvlua: -i needs a terminal; without -i a script is read from standard input\n")
  }

  @Test("a live Command Center is named in red, and the first submit asks, again after a no")
  func live() async throws {
    let served = try await Served(speed: 1000)
    try served.folder.write(
      "config.lua",
      "return { prod = { url = \"\(served.url)\", token = secret.env \"TOKEN\", allow_plain_http = true } }\n"
    )
    let session = try await TerminalSession(
      "cvlua --config config.lua", in: served.folder, columns: 120, environment: ["TOKEN": Served.token])
    try await session.wait(forPrompt: "prod>")
    #expect(try await session.shown(colours: true).contains("\u{1B}[31mprod>"))
    let submit =
      "t = backup.rds{ clientName = 'aws-prod', instanceName = 'eu-west-1', subclientName = 'crm' }"
    try await session.line(submit, shows: "Go on? [y/N]")
    try await session.line("n", shows: "you said no")
    // From a branch in the background the question takes the terminal from the line that is typed.
    try await session.line(
      "flow.spawn(function() \(Self.untilThere("go")) \(submit) print('sent') end)", shows: "branch\nprod>")
    try await session.type("print('the rest')")
    try await session.wait(forPrompt: "prod> print('the rest')")
    try served.folder.write("go", "")
    try await session.wait(
      forPrompt: "cvlua: this submits to \(served.url) with a token (profile prod). Go on? [y/N]")
    try await session.line("y", shows: "\nsent\n")
    try await session.line("", shows: "the rest\nprod>")
    try await session.line("t:wait().outcome", shows: "\"completed\"")
    try await session.keys("C-d")
    try await session.wait(for: "exit 0")
    let shown = try await session.last()
    #expect(
      shown.contains(
        "\nLIVE at \(served.url) with a token (profile prod)\nthe first submit asks; a session is not in the journal\n"
      ))
    #expect(!shown.contains(Served.token))
  }
}
