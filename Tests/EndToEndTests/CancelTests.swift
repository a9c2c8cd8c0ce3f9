import Glibc
import Testing

@Suite("A run that is given up")
struct CancelTests {
  /// A run that died, whose job runs.
  private func died() async throws -> Served {
    let served = try await Served.unhurried()
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "\(served.folder.path)/night.lua")
    return served
  }

  /// A server takes some seconds to kill a job.
  private func isKilled(_ served: Served) async throws -> Bool {
    try await served.state().jobs.allSatisfy { $0 == "Kill Pending" || $0 == "Killed" }
  }

  @Test("has its jobs killed, and is closed then")
  func killed() async throws {
    let served = try await died()
    let cancelled = try await served.command("cancel", "last", "--kill-jobs")
    #expect(cancelled.code == 0, "\(cancelled.errors)")
    #expect(cancelled.output.contains("job 148886 of rds c/i/a is killed\n"), "\(cancelled.output)")
    #expect(!cancelled.output.contains("left running"), "\(cancelled.output)")
    #expect(try await isKilled(served))
    let shown = try await served.command("show", "last")
    #expect(shown.output.contains("closed"), "\(shown.output)")
    #expect(
      shown.output.contains("its run was given up with cvlua cancel, which killed job 148886\n"),
      "\(shown.output)")
    try await served.close()
  }

  @Test("stays to be taken up where the Command Center does not answer, and can be given up again")
  func unreachable() async throws {
    let served = try await died()
    try await served.killSimulator()
    let first = try await served.command("cancel", "last", "--kill-jobs")
    #expect(first.code == 18, "\(first.errors)")
    #expect(first.errors.contains("job 148886 of rds c/i/a is not killed"), "\(first.errors)")
    #expect(first.errors.contains("--kill-jobs once more"), "\(first.errors)")
    #expect(try await served.command("runs").output.contains("  died  "))
    try await served.restartSimulator()
    let second = try await served.command("cancel", "last", "--kill-jobs")
    #expect(second.code == 0, "\(second.errors)")
    #expect(try await isKilled(served))
    #expect(try await served.command("runs").output.contains("  closed  "))
    try await served.close()
  }

  @Test("has no jobs killed at another Command Center behind the URL")
  func anotherServer() async throws {
    let served = try await died()
    try await served.killSimulator()
    try await served.restartSimulator(["--seed", "2", "--state", "keys/other.db"])
    let cancelled = try await served.command("cancel", "last", "--kill-jobs")
    #expect(cancelled.code == 20, "\(cancelled.errors)")
    #expect(cancelled.errors.contains("behind the URL is another Command Center"), "\(cancelled.errors)")
    #expect(try await served.state().requests.keys.allSatisfy { !$0.contains("kill") })
    try await served.close()
  }

  @Test("leaves its jobs running unless told, and has them killed later all the same")
  func later() async throws {
    let served = try await died()
    let cancelled = try await served.command("cancel", "last")
    #expect(cancelled.code == 0, "\(cancelled.errors)")
    #expect(cancelled.output.contains("job 148886 was left running"), "\(cancelled.output)")
    let again = try await served.command("cancel", "last")
    #expect(again.code == 64)
    #expect(again.errors.contains("was closed already, so there is nothing to give up"), "\(again.errors)")
    #expect(try await !isKilled(served))
    #expect(try await served.command("cancel", "last", "--kill-jobs").code == 0)
    #expect(try await isKilled(served))
    try await served.close()
  }
}
