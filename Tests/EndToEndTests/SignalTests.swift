import Glibc
import Testing

@Suite("Ctrl-C, SIGTERM and SIGHUP", .serialized)
struct SignalTests {
  /// A run that has said `ready`, and got a signal then.
  private func interrupted(_ code: String, by signals: [Int32], _ options: [String] = []) async throws
    -> Child.Ending
  {
    let child = try Child(
      Place.cvlua, options + ["-e", code], in: "/tmp", environment: Place.environment, input: nil)
    try await child.waitFor("ready")
    child.send(signals[0])
    for signal in signals.dropFirst() {
      try await child.waitFor("cleaning up")
      child.send(signal)
    }
    return try await child.ending()
  }

  @Test(
    "end a script that never ends, wherever it is",
    arguments: [
      "while true do pcall(error) end",
      "while true do end",
      "flow.sleep '1h'",
      "flow.map({ 1, 2 }, function() while true do pcall(function() while true do end end) end end)",
      "for i = 1, 100 do flow.spawn(function() while true do flow.sleep(0.01) end end) end",
      "io.read()",
      "while true do pcall(flow.sleep, 3600) end",
    ])
  func endless(_ code: String) async throws {
    let ending = try await interrupted("io.stderr:write 'ready\\n' " + code, by: [SIGINT])
    #expect(ending.output == "")
    #expect(ending.errors == "ready\ncvlua: interrupted\n")
    #expect(ending.code == 130)
  }

  @Test("SIGTERM exits with 143, and a terminal that is gone with 129", arguments: [SIGTERM, SIGHUP])
  func terminated(_ signal: Int32) async throws {
    let ending = try await interrupted("io.stderr:write 'ready\\n' while true do end", by: [signal])
    #expect(ending.errors == "ready\ncvlua: interrupted\n")
    #expect(ending.code == 128 + signal)
  }

  @Test("a terminal that is gone may be told of twice, and what was deferred still runs")
  func gone() async throws {
    let ending = try await interrupted(
      "flow.defer(function() print 'cleaning up' flow.sleep(0.3) print 'clean' end) io.stderr:write 'ready\\n' flow.sleep '1h'",
      by: [SIGHUP, SIGHUP])
    #expect(ending.output.hasSuffix("clean\n"))
    #expect(ending.code == 129)
  }

  @Test("what was deferred still runs")
  func cleaning() async throws {
    let ending = try await interrupted(
      "flow.defer(function() flow.sleep(0.1) print 'clean' end) io.stderr:write 'ready\\n' flow.sleep '1h'",
      by: [SIGINT])
    #expect(ending.output == "clean\n")
    #expect(ending.code == 130)
  }

  @Test("a second one leaves at once, which people are told")
  func twice() async throws {
    let ending = try await interrupted(
      "flow.defer(function() flow.sleep '1h' end) io.stderr:write 'ready\\n' flow.sleep '1h'",
      by: [SIGINT, SIGINT])
    #expect(
      ending.errors.split(separator: "\n").last?.dropFirst("22:00:00 ".count)
        == "warning: interrupted; the script is still cleaning up, a second Ctrl-C leaves at once")
    #expect(ending.code == 130)
  }

  @Test("the recap tells what became of the backups")
  func recap() async throws {
    let ending = try await interrupted(
      """
      backup.rds{ clientName = "a", instanceName = "b", subclientName = "c" }:wait()
      io.stderr:write 'ready\\n' while true do end
      """, by: [SIGINT], ["--simulate", "--at", "2026-11-21T22:00"])
    #expect(
      ending.errors == """
        ready
        SIMULATED night of Saturday 2026-11-21: 22:00:00 to 22:04:29, 4m 30s, seed 1

          completed  rds  a/b/c (invented)  FULL  4m 23s  22.6 GB  job 148886

        1 target, 1 submit: 1 good · 22.6 GB
        exit 130: interrupted

        """)
    #expect(ending.code == 130)
  }

  @Test("the last line of a JSON log says so")
  func json() async throws {
    let ending = try await interrupted(
      "log 'ready' while true do end", by: [SIGINT],
      ["--simulate", "--at", "2026-11-21T22:00", "--log-format", "json"])
    #expect(
      ending.errors.split(separator: "\n").last == """
        {"event":"run.finished","time":"2026-11-21T22:00:00Z","simulated":true,"outcome":"interrupted",\
        "exit":130,"reason":"interrupted","night":"2026-11-21","started":"2026-11-21T22:00:00Z",\
        "finished":"2026-11-21T22:00:00Z","backups":[]}
        """)
    #expect(ending.code == 130)
  }

  @Test("a script that still comes in on standard input is not waited for")
  func reading() async throws {
    let child = try Child(Place.cvlua, ["-"], in: "/tmp", environment: Place.environment, input: nil)
    // It says nothing before it reads. Sooner, the signal may find a program that has not begun: then it ends all
    // the same, without a word.
    try await Task.sleep(for: .seconds(3))
    child.send(SIGINT)
    let ending = try await child.ending()
    #expect(ending.errors == "cvlua: interrupted\n")
    #expect(ending.code == 130)
  }
}
