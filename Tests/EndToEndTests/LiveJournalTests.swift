import Glibc
import Testing

@Suite("A run with a journal, over the wire")
struct LiveJournalTests {
  private static let night =
    "local task = backup.rds{ clientName = \"c\", instanceName = \"i\", subclientName = \"a\" } print \"submitted\" task:wait()"

  private func served(_ faults: String? = nil) async throws -> Served {
    let served = if let faults { try await Served(faults: faults) } else { try await Served.unhurried() }
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    return served
  }

  @Test(
    "finds the job of a submit whose answer was lost, and sends one again only where there is none",
    arguments: [
      ("drop-answer", 1), ("reset", 1), ("truncate", 1), ("drop-before", 2), ("http=500", 2), ("html", 2),
    ])
  func lostAnswer(_ fault: String, _ submits: Int64) async throws {
    let served = try await served("createtask:\(fault)@1")
    let live = try await served.run("-e", oneBackup)
    let state = try await served.state()
    #expect(live.code == 0, "\(live.errors)")
    #expect(state.jobs == ["Completed"])
    #expect(state.submits == submits)
    #expect(live.errors.contains("its description carries this submit's token") == (submits == 1))
    let shown = try await served.command("show", "last")
    #expect(shown.output.contains("1. done  backup.rds:"), "\(shown.output)\(shown.errors)")
    try await served.close()
  }

  @Test("is taken up again after SIGKILL: nothing is submitted twice, and a second process is kept out")
  func killed() async throws {
    let served = try await served()
    try served.folder.write("night.lua", Self.night)
    let night = "\(served.folder.path)/night.lua"
    let first = try served.start([night])
    try await first.waitFor("submitted")
    // While it lives, nobody else may run the script.
    let second = try await served.run(night)
    #expect(second.code == 75, "\(second.errors)")
    for command in ["rerun", "cancel", "resume"] {
      let refused = try await served.command(command, "last")
      #expect(refused.code == 75, "\(refused.errors)")
      #expect(refused.errors.contains("is being run by process "), "\(refused.errors)")
      #expect(refused.errors.contains("nothing was done"), "\(refused.errors)")
    }
    first.send(SIGKILL)
    #expect(try await first.ending().code == 128 + SIGKILL)
    let runs = try await served.command("runs")
    #expect(runs.output.contains("  died  "), "\(runs.output)")
    try await served.hurry()
    let third = try await served.run(night)
    #expect(third.code == 0, "\(third.errors)")
    #expect(third.errors.contains("is taken up again"))
    #expect(try await served.state().jobs == ["Completed"])
    // The next night is another run, which submits anew.
    #expect(try await served.run(night).code == 0)
    #expect(try await served.state().jobs == ["Completed", "Completed"])
    try await served.close()
  }

  @Test("tells its own job by the token from somebody else's of the same target, level and user")
  func somebodyElses() async throws {
    let served = try await Served(speed: 400)
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    // The server has job 148886, of which the journal holds only the intent.
    try await served.runDying(at: "before ids@backup.rds:c/i/a FULL #1", "-e", oneBackup)
    let journal = served.journal
    served.journal = "\(served.folder.path)/other.db"
    // While that job runs, the server takes no other of its target.
    let other = try await served.run("-e", "repeat flow.sleep \"1s\" until \(oneBackup).outcome ~= \"busy\"")
    #expect(other.errors.contains("job 148887"), "\(other.errors)")
    served.journal = journal
    let resumed = try await served.command("resume", "last")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("job 148886 was found"), "\(resumed.errors)")
    #expect(try await served.state().jobs == ["Completed", "Completed"])
    try await served.close()
  }

  @Test(
    "says what it waits for where the Command Center does not answer when it is taken up, and goes on then")
  func silent() async throws {
    let served = try await served()
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "\(served.folder.path)/night.lua")
    try await served.killSimulator()
    let resumed = try Child(
      Place.cvlua, ["resume", "last", "--journal", served.journal], in: served.folder.path,
      environment: served.environment)
    try await resumed.waitFor("sim does not answer, still trying: ")
    try await served.restartSimulator(["--speed", "1000"])
    let ending = try await resumed.ending()
    served.note(ending)
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(ending.errors.contains("sim answers again"), "\(ending.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }

  @Test(
    "is beside one of the same script with other arguments or variables, and never beside one with the same")
  func otherArguments() async throws {
    let served = try await served()
    try served.folder.write(
      "night.lua", "print(...) io.stdout:flush() if ... == 'a' then flow.sleep '1h' end")
    let first = try served.start(["night.lua", "a"])
    try await first.waitFor("a")
    #expect(try await served.run("night.lua", "b").code == 0)
    #expect(try await served.run("--var", "region=b", "night.lua", "b").code == 0)
    let second = try await served.run("night.lua", "a")
    #expect(second.code == 75, "\(second.errors)")
    first.send(SIGKILL)
    _ = try await first.ending()
    // Whoever resumes it has the same lock as whoever starts it.
    let resumed = try Child(
      Place.cvlua, ["resume", "--all", "--journal", served.journal], in: served.folder.path,
      environment: served.environment)
    try await resumed.waitFor("a")
    #expect(try await served.run("night.lua", "a").code == 75)
    resumed.send(SIGKILL)
    _ = try await resumed.ending()
    try await served.close()
  }

  @Test("is resumed with its configuration where that is now, and says how where it is gone")
  func movedConfiguration() async throws {
    let served = try await served()
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "-e", oneBackup)
    try await served.hurry()
    rename("\(served.folder.path)/config.lua", "\(served.folder.path)/moved.lua")
    let lost = try await served.command("resume", "last")
    #expect(lost.code == 64)
    #expect(lost.errors.contains("say where it is now with --config FILE"), "\(lost.errors)")
    let resumed = try await served.command(
      "resume", "last", "--config", "\(served.folder.path)/moved.lua", "--progress", "none")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }

  @Test("calls the Command Center by its profile where it stops answering")
  func outage() async throws {
    let served = try await served()
    let run = try served.start(["-e", Self.night])
    try await run.waitFor("submitted")
    try await served.killSimulator()
    try await run.waitFor("sim does not answer, still trying: ")
    try await served.restartSimulator(["--speed", "1000"])
    let ending = try await run.ending()
    served.note(ending)
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(ending.errors.contains("sim answers again"), "\(ending.errors)")
    try await served.close()
  }

  @Test("SIGTERM leaves the job running and the run to be resumed, and says how")
  func terminated() async throws {
    let served = try await served()
    try served.folder.write("night.lua", Self.night)
    let first = try served.start(["\(served.folder.path)/night.lua"])
    try await first.waitFor("submitted")
    first.send(SIGTERM)
    let ending = try await first.ending()
    served.note(ending)
    #expect(ending.code == 143)
    #expect(ending.errors.contains("cvlua resume "), "\(ending.errors)")
    try await served.hurry()
    let resumed = try await served.command("resume", "last")
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }
}
