import Glibc
import Testing

/// Where SIGTERM meets a live run: it ends soon, with 143, and what it was about is neither lost nor doubled. None
/// of what it waits for would come about within the time that a test waits for its end.
@Suite("SIGTERM in a live run")
struct LiveSignalTests {
  private func served(_ settings: String, faults: String? = nil) async throws -> Served {
    let served = if let faults { try await Served(faults: faults) } else { try await Served.unhurried() }
    try served.configure("unattended = true, \(settings)")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write(
      "night.lua",
      """
      flow.defer(function() io.stderr:write "cleaned\\n" end)
      -- Nothing waits for the tasks but the end of the run.
      flow.map({ "a", "b" }, function(n)
        backup.rds{ clientName = "c", instanceName = "i", subclientName = n }
      end)
      io.stderr:write "at its end\\n"
      """)
    return served
  }

  private func terminated(_ served: Served, _ child: Child) async throws {
    child.send(SIGTERM)
    let ending = try await child.ending()
    served.note(ending)
    #expect(ending.code == 143, "\(ending.errors)")
    #expect(ending.errors.contains("cleaned\n"))
    #expect(ending.errors.contains("exit 143: interrupted"), "\(ending.errors)")
    #expect(ending.errors.contains("cvlua resume "), "\(ending.errors)")
  }

  /// Takes the run up again, with other settings, and sees that each backup ran once.
  private func resumed(_ served: Served, submits: Int64) async throws {
    try served.configure("unattended = true, settle = \"1s\"")
    let ending = try await served.command("resume", "last")
    #expect(ending.code == 0, "\(ending.errors)")
    let state = try await served.state()
    #expect(state.jobs == ["Completed", "Completed"])
    #expect(state.submits == submits)
    try await served.close()
  }

  @Test("while a submit waits for its turn under the server's limits")
  func budget() async throws {
    let served = try await served("budget = { writes = 2, reads = 1000 }, settle = \"1s\"", faults: "")
    let run = try served.start(["\(served.folder.path)/night.lua"])
    try await run.waitFor("1 submit waits for its turn")
    try await terminated(served, run)
    #expect(try await served.state().submits == 1)
    try await resumed(served, submits: 2)
  }

  @Test("while it looks for what became of a submit")
  func reconcile() async throws {
    let served = try await served("settle = \"1h\"", faults: "createtask:drop-answer@1")
    let run = try served.start(["\(served.folder.path)/night.lua"])
    var tries = 0
    while try await !served.command("show", "last").output.contains("ambiguous  backup.rds"), tries < 500 {
      try await Task.sleep(for: .milliseconds(20))
      tries += 1
    }
    try await terminated(served, run)
    try await resumed(served, submits: 2)
  }

  @Test("while it waits for jobs after the script's end")
  func settle() async throws {
    let served = try await served("settle = \"1s\"")
    let run = try served.start(["\(served.folder.path)/night.lua"])
    try await run.waitFor("at its end")
    try await terminated(served, run)
    // It has counted from nought since then.
    try await served.hurry()
    try await resumed(served, submits: 0)
  }

  @Test("while somebody is asked whether it may submit")
  func question() async throws {
    let served = try await served("settle = \"1s\"", faults: "")
    try served.configure("")
    // From beside, when the terminal shows the question.
    try served.folder.write(
      "beside.sh",
      "until tmux capture-pane -p | grep -qF 'Go on? [y/N]'; do sleep 0.05; done; kill -TERM $(cat pid)\n")
    let shown = try await screen(
      "sh beside.sh & sh -c 'echo $$ > pid; exec cvlua --config config.lua --journal journal.db night.lua'",
      in: served.folder.path, environment: served.environment.merging(["NO_COLOR": "1"]) { $1 })
    #expect(shown.contains("cleaned"), "\(shown)")
    #expect(shown.hasSuffix("exit 143"), "\(shown)")
    #expect(try await served.state().submits == 0)
    try await resumed(served, submits: 2)
  }

  @Test("ends a run whose clean-up takes more than its minute, which is interrupted then, and has not died")
  func endlessCleanUp() async throws {
    let served = try await served("settle = \"1s\"")
    try served.folder.write(
      "night.lua",
      """
      flow.defer(function() while true do pcall(flow.sleep, "1h") end end)
      backup.rds{ clientName = "c", instanceName = "i", subclientName = "a" }
      io.stderr:write "at its end\\n"
      """)
    let run = try served.start(["night.lua"])
    try await run.waitFor("at its end")
    run.send(SIGTERM)
    let ending = try await run.ending()
    served.note(ending)
    #expect(ending.code == 143, "\(ending.errors)")
    #expect(!ending.errors.contains("0 requests"), "\(ending.errors)")
    let shown = try await served.command("show", "last")
    #expect(shown.output.contains("interrupted"), "\(shown.output)")
    try await served.close()
  }
}
