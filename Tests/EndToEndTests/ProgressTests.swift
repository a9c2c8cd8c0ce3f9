import Glibc
import Testing

@Suite("The progress of a live run")
struct ProgressTests {
  /// A script of so many backups at once, in five instances.
  private static func script(_ count: Int) -> String {
    """
    local list = {}
    for n = 1, \(count) do list[n] = n end
    flow.map(list, function(n)
      backup.rds{ clientName = "aws-prod", instanceName = "region-" .. n % 5, subclientName = "db-" .. n }:wait()
    end)
    """
  }

  private func pane(
    _ served: Served, _ script: String, _ options: String = "", columns: Int = 80, rows: Int = 24,
    then: String = ""
  ) async throws -> Pane {
    try served.folder.write("night.lua", script)
    return try await Pane(
      """
      \(then.isEmpty ? "" : "set -m")
      sh -c 'echo $$ > pid; exec cvlua --config config.lua --journal none --yes \(options) night.lua'
      echo "ended with $?"; \(then)
      stty -a | grep -o -- '-\\?icanon\\|-\\?echo '; sleep 60
      """, in: served.folder.path, columns: columns, rows: rows, environment: served.environment)
  }

  /// A server whose jobs run at once, and never end.
  private func endless() async throws -> Served {
    let served = try await Served(speed: 600, faults: "rds:slow=100000h")
    // A login's token would be old in seconds.
    try served.configure(login: "token = secret.file \"\(served.folder.path)/keys/token\"")
    return served
  }

  private func pid(_ served: Served) throws -> pid_t {
    try #require(pid_t(try File.read("\(served.folder.path)/pid").split(separator: "\n")[0]))
  }

  /// Lines without what the time of day and the machine make of them.
  private func masked(_ lines: some Sequence<String>) -> [String] {
    lines.map { line in
      line.replacing(/\d\d:\d\d:\d\d/, with: "TIME").replacing(/(\d+[hm] )?\d+m?[hms]\b/, with: "AGE")
        .replacing(/[\d.]+ [kMGTP]?B\b/, with: "SIZE").replacing(/\d+/, with: "N")
        .replacing(/Discovery|Snapshot/, with: "PHASE").replacing(/\ +/, with: " ")
        .replacing(/\ job N/, with: "")
        .replacing(/\ · SIZE\/s/, with: "").replacing(/\ · ends about .*/, with: "")
        // How far its job is depends on when it was looked at.
        .replacing(/^N running · AGE · SIZE$/, with: "N running · AGE")
    }
  }

  /// What each line of a view of 500 backups is. How far they are depends on when it was looked at.
  private func kinds(_ lines: [String]) -> [String] {
    masked(lines).map { line in
      line.replacing(/^N running · AGE( · SIZE)?$/, with: "head")
        .replacing(/^ rds aws-prod\/region-N N%( SIZE)? N running$/, with: "group")
        .replacing(
          /^ (running|started) rds aws-prod\/region-N\/db-N FULL( N%)?( SIZE)? AGE( PHASE)?$/, with: "backup")
    }
  }

  @Test(
    "500 backups on 80×24, then on 200×50; told by t and SIGUSR1; gone with Ctrl-C, and the recap is left")
  func whole() async throws {
    let served = try await endless()
    let pane = try await pane(served, Self.script(500))
    func view(_ rows: Int) async throws {
      // An empty line, the head, a line for each group, and whoever still has room; three lines stay for others.
      let whole =
        ["", "head"] + Array(repeating: "group", count: 5) + Array(repeating: "backup", count: rows - 10)
      let lines = try await pane.wait(for: "the view of \(rows) lines") { kinds($0) == whole }
      #expect(lines.contains { $0.hasPrefix("500 running · ") })
      for region in 0..<5 { #expect(lines.contains { $0.hasPrefix("  rds  aws-prod/region-\(region)  ") }) }
    }
    try await view(24)
    try await pane.resize(200, 50)
    try await view(50)

    for ask in [{ try await pane.send("t") }, { kill(try pid(served), SIGUSR1) }] {
      let before = try await pane.history().count { $0 == "\n" }
      try await ask()
      var tries = 0
      // A head, five groups, and as many as there are lines to tell.
      while try await pane.history().count(where: { $0 == "\n" }) < before + 190, tries < 1000 {
        try await Task.sleep(for: .milliseconds(20))
        tries += 1
      }
      #expect(tries < 1000)
    }
    let asked = try await pane.history().split(separator: "\n").map(String.init)
    #expect(masked(asked).filter { $0.hasPrefix("TIME N running · ") }.count == 2)

    try await pane.send("C-c")
    let left = try await pane.wait(for: "its end") { $0.last == "echo" }
    // How often it had looked at its jobs by then is the machine's affair.
    #expect(
      masked(left).suffix(7).map { $0.replacing(", N polls", with: "") } == [
        "", "N targets, N submits: N good, N not good", "N requests: N submits",
        "exit N: interrupted", "ended with N", "icanon", "echo",
      ])
    // Of the view nothing is left.
    let all = try await pane.history().split(separator: "\n").map(String.init)
    #expect(!masked(all).contains { $0.hasPrefix("N running") })
    #expect(all.count { $0.hasPrefix("  still running  rds") } == 500)
    try await served.close()
  }

  @Test("follows the terminal's size, however small", arguments: [(30, 10), (1, 1), (12, 3), (300, 5)])
  func sizes(_ columns: Int, _ rows: Int) async throws {
    let served = try await endless()
    let pane = try await pane(served, Self.script(20))
    try await pane.wait(for: "the view") { $0.contains { $0.hasPrefix("20 running · ") } }
    try await pane.resize(columns, rows)
    // What it showed before it was resized may be wrapped; the next frame is right.
    try await pane.wait(for: "the view as it fits") { lines in
      lines.count <= rows && lines.allSatisfy { $0.count <= columns }
        && (rows < 3 || lines.contains { $0.hasPrefix("20 running".prefix(columns - 1)) })
    }
    try await pane.resize(80, 24)
    let lines = try await pane.wait(for: "the view again") {
      $0.contains { $0.hasPrefix("20 running · ") } && $0.count > 20
    }
    #expect(lines.count { $0.hasPrefix("20 running · ") } == 1, "\(lines)")
    try await pane.send("C-c")
    let left = try await pane.wait(for: "its end") { $0.last == "echo" }
    #expect(!left.contains { $0.hasPrefix("20 running") }, "\(left)")
    try await served.close()
  }

  @Test("what a script prints stands above it, in whole lines")
  func prints() async throws {
    let served = try await endless()
    let pane = try await pane(
      served,
      """
      local task = backup.rds{ clientName = "c", instanceName = "i", subclientName = "s" }
      flow.sleep "1s"
      print "printed"
      io.stderr:write "to standard error\\n"
      io.write "half a line"
      log "logged"
      print " and the rest"
      flow.sleep "1h"
      """)
    let lines = try await pane.wait(for: "all of it") { lines in
      lines.contains("half a line and the rest") && lines.contains { $0.hasPrefix("1 running") }
    }
    #expect(
      masked(lines.prefix(6)) == [
        "printed", "to standard error", "TIME logged", "half a line and the rest", "", "N running · AGE",
      ], "\(lines)")
    try await served.close()
  }

  @Test("a question has the terminal to itself")
  func question() async throws {
    let served = try await endless()
    let profile =
      "{ url = \"\(served.url)\", token = secret.file \"\(served.folder.path)/keys/token\", default = %@ }"
    try served.folder.write(
      "config.lua",
      "return { one = \(profile.replacing("%@", with: "true")), two = \(profile.replacing("%@", with: "false")) }\n"
    )
    try served.folder.write(
      "night.lua",
      """
      backup.rds{ clientName = "c", instanceName = "i", subclientName = "s" }
      flow.sleep "1s"
      commcell("two").backup.rds{ clientName = "c", instanceName = "i", subclientName = "t" }
      flow.sleep "1h"
      """)
    let pane = try await Pane(
      "cvlua --config config.lua --journal none night.lua; echo; stty -a | grep -o -- '-\\?echo '; sleep 60",
      in: served.folder.path, environment: served.environment)
    for profile in ["one", "two"] {
      let asked = try await pane.wait(for: "the question of \(profile)") { lines in
        lines.count { $0.contains("Go on? [y/N]") } == (profile == "one" ? 1 : 2)
      }
      #expect(asked.last?.hasSuffix("Go on? [y/N]") ?? false, "\(asked)")
      try await pane.send("y", "Enter")
      let shown = try await pane.wait(for: "the view") { lines in
        lines.contains { $0.hasPrefix(profile == "one" ? "1 running" : "2 running") }
      }
      // What was typed was to be seen.
      #expect(shown.contains { $0.hasSuffix("Go on? [y/N] y") }, "\(shown)")
    }
    try await pane.send("C-c")
    try await pane.wait(for: "its end") { $0.last == "echo" }
    try await served.close()
  }

  @Test("while a script reads the terminal is the script's: what is typed stands there")
  func reads() async throws {
    let served = try await endless()
    let pane = try await pane(
      served,
      """
      local task = backup.rds{ clientName = "c", instanceName = "i", subclientName = "s" }
      flow.sleep "1s"
      io.write "what? "
      print("read " .. io.read())
      flow.sleep "1h"
      """)
    let asked = try await pane.wait(for: "the question") { $0.last == "what?" }
    #expect(asked == ["what?"])
    try await pane.send("this", "Enter")
    let read = try await pane.wait(for: "the view again") { lines in
      lines.contains("read this") && lines.contains { $0.contains("1 running") }
    }
    #expect(masked(read.prefix(4)) == ["what? this", "read this", "", "N running · AGE"], "\(read)")
    try await pane.send("C-c")
    let left = try await pane.wait(for: "its end") { $0.last == "echo" }
    #expect(left.contains("exit 130: interrupted"), "\(left)")
    try await served.close()
  }

  @Test(
    "Ctrl-Z gives the shell its terminal as it was, and fg brings the view back; a second Ctrl-C leaves at once"
  )
  func stopped() async throws {
    let served = try await endless()
    let script = "flow.defer(function() flow.sleep '1h' end)\n" + Self.script(3)
    let pane = try await pane(
      served, script,
      then:
        "stty -a | grep -o -- '-\\?icanon\\|-\\?echo '; echo stopped; until [ -e go ]; do sleep 0.1; done; clear; fg; echo \"left with $?\""
    )
    try await pane.wait(for: "3 running")
    try await pane.send("C-z")
    let away = try await pane.wait(for: "stopped") { $0.contains("stopped") && !$0.contains("clear") }
    #expect(away.contains("ended with 147") && away.contains("echo") && away.contains("icanon"), "\(away)")
    #expect(!away.contains { $0.hasPrefix("3 running") }, "\(away)")
    try served.folder.write("go", "")
    try await pane.wait(for: "the view again") { $0.contains { $0.hasPrefix("3 running") } }
    try await pane.send("C-c")
    try await pane.wait(for: "still cleaning up")
    try await pane.send("C-c")
    let left = try await pane.wait(for: "its end") { $0.last == "echo" }
    #expect(left.suffix(3) == ["left with 130", "icanon", "echo"], "\(left)")
    #expect(!left.contains { $0.hasPrefix("3 running") }, "\(left)")
    try await served.close()
  }

  @Test("a terminal that vanishes ends the run, or does not where SIGHUP is ignored")
  func vanished() async throws {
    let served = try await endless()
    let first = try await pane(served, Self.script(3))
    try await first.wait(for: "3 running")
    let gone = try pid(served)
    try await first.kill()
    var tries = 0
    while kill(gone, 0) == 0, tries < 1000 {
      try await Task.sleep(for: .milliseconds(20))
      tries += 1
    }
    #expect(tries < 1000)

    // One backup after the other, for as long as it lives.
    try served.folder.write(
      "night.lua",
      """
      for n = 1, 10000 do
        backup.rds{ clientName = "c", instanceName = "i", subclientName = "s" .. n }
        flow.sleep(0.2)
      end
      """)
    let second = try await Pane(
      "trap '' HUP; sh -c 'echo $$ > pid; exec cvlua --config config.lua --journal none --yes night.lua'",
      in: served.folder.path, environment: served.environment)
    try await second.wait(for: " running · ")
    try await second.kill()
    let before = try await served.state().submits
    tries = 0
    while try await served.state().submits < before + 5, tries < 600 {
      try await Task.sleep(for: .milliseconds(100))
      tries += 1
    }
    #expect(tries < 600)
    kill(try pid(served), SIGKILL)
    try await served.close()
  }

  @Test("without a terminal there is a line for each change, and SIGUSR1 tells how all of it stands")
  func lines() async throws {
    let served = try await Served.unhurried()
    try served.folder.write("night.lua", Self.script(3))
    let run = try served.start(["\(served.folder.path)/night.lua"])
    for number in 1...3 { try await run.waitFor("db-\(number) FULL: started, job") }
    run.send(SIGUSR1)
    try await run.waitFor("3 running · ")
    try await served.hurry()
    let ending = try await run.ending()
    served.note(ending)
    #expect(ending.code == 0)
    let lines = masked(ending.errors.split(separator: "\n").map(String.init))
    let asked = try #require(lines.firstIndex { $0.hasPrefix("TIME N running") })
    #expect(
      lines[..<asked] == Array(repeating: "TIME rds aws-prod/region-N/db-N FULL: started,", count: 3)[...])
    #expect(lines.filter { $0.hasPrefix("TIME rds aws-prod/region-N/db-N FULL: completed, AGE") }.count == 3)
    try await served.close()
  }

  @Test("--progress none and --quiet say nothing of it", arguments: [["--progress", "none"], ["--quiet"]])
  func silent(_ options: [String]) async throws {
    let served = try await Served(speed: 240)
    let ending = try await served.start(options + ["-e", oneBackup]).ending()
    served.note(ending)
    #expect(!ending.errors.contains("started"), "\(ending.errors)")
    #expect(ending.code == 0)
    try await served.close()
  }

  @Test(
    "a dumb terminal has lines, and a log for programs stays one",
    arguments: [("TERM=dumb", "started, job"), ("A=1", "\"event\":\"backup.submitted\"")])
  func dumb(_ setting: String, _ sign: String) async throws {
    let served = try await endless()
    try served.folder.write("night.lua", Self.script(2))
    let format = setting == "A=1" ? "--log-format json" : ""
    let pane = try await Pane(
      "\(setting) cvlua --config config.lua --journal none --yes \(format) night.lua", in: served.folder.path,
      columns: 400, environment: served.environment)
    var lines = try await pane.wait(for: "both") { $0.count { $0.contains(sign) } == 2 }
    #expect(lines.allSatisfy { $0.contains(sign) || $0.contains("job.changed") }, "\(lines)")
    // And SIGUSR1 tells all the same, in the same way.
    try await pane.signal(SIGUSR1)
    if setting == "A=1" {
      lines = try await pane.wait(for: "\"event\":\"progress\"")
      #expect(
        lines.contains { $0.contains("\"not_good\":0,\"held_up\":0,\"running\":2,\"waiting\":0,\"good\":0") },
        "\(lines)")
      #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    } else {
      lines = try await pane.wait(for: "2 running · ")
      #expect(lines.contains { $0.contains("  rds  aws-prod/region-1/db-1  FULL") }, "\(lines)")
    }
    try await pane.send("C-c")
    try await served.close()
  }

  @Test("of a rehearsal there are lines where they are asked for, with a heartbeat by its own clock")
  func rehearsal() async throws {
    let ending = try await Child(
      Place.cvlua,
      ["--simulate", "--at", "2026-11-21T22:00", "--progress", "plain", "-e", oneBackup], in: "/tmp",
      environment: Place.environment
    ).ending()
    #expect(
      ending.errors == """
        22:00:00 rds c/i/a FULL: started, job 148886
        22:06:29 rds c/i/a FULL: completed, 5m 54s, 50.8 GB
        22:06:29 SIMULATED · 1 good · 6m 30s · 50.8 GB
        SIMULATED night of Saturday 2026-11-21: 22:00:00 to 22:06:29, 6m 30s, seed 1

          completed  rds  c/i/a (invented)  FULL  5m 54s  50.8 GB  job 148886

        1 target, 1 submit: 1 good · 50.8 GB
        exit 0: all targets are good

        """)
  }
}
