import Glibc
import SQLite
import Testing

/// What happens to journals, scripts, disks and servers between two lives of a run.
@Suite("A run with a journal, in trouble")
struct JournalTroubleTests {
  /// A run that died where the server has the job of `crm`, and the journal only its intent.
  private func died(_ night: CrashNight = CrashNight()) async throws -> Folder {
    let folder = try Folder()
    let first = try await night.start(folder, ["CVLUA_CRASH_AT": try await Self.pointOfCrm(night)])
    #expect(first.code == 128 + SIGKILL, "\(first.errors)")
    return folder
  }

  private static func pointOfCrm(_ night: CrashNight) async throws -> String {
    let (_, points) = try await night.undisturbed()
    return try #require(points.first { $0.hasPrefix("before ids@backup.rds:") && $0.contains("/crm ") })
  }

  @Test(
    "goes on with the script as it was, whatever became of the file since",
    arguments: ["rm night.lua", "mv night.lua other.lua", "echo 'error \"edited\"' > night.lua"])
  func script(_ change: String) async throws {
    let night = CrashNight()
    let (undisturbed, _) = try await night.undisturbed()
    let folder = try await died(night)
    _ = try await Child("/bin/sh", ["-c", change], in: folder.path, environment: Place.environment).ending()
    #expect(try await night.end(folder, Child.Ending(), undisturbed) == undisturbed)
  }

  @Test("goes on with the modules and libraries as they were, and finds those that it comes to only now")
  func module() async throws {
    let folder = try Folder()
    try folder.write(
      "mine.lua",
      "return function() return backup.rds{ clientName = \"c\", instanceName = \"i\", subclientName = \"a\" }:wait() end"
    )
    mkdir("\(folder.path)/team", 0o700)
    try folder.write("team/library.lua", "return { cvlua = \">= 0.1\" }")
    try folder.write("team/said.lua", "word = \"done\" return {}")
    try folder.write("team/later.lua", "return word")
    try folder.write(
      "night.lua", "require \"said\" require \"mine\"() print(require \"later\", word)")
    func cvlua(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> Child.Ending {
      try await Child(
        Place.cvlua, arguments + ["--journal", "journal.db"], in: folder.path,
        environment: Place.environment.merging(variables) { $1 }
      ).ending()
    }
    let first = try await Child(
      Place.cvlua,
      [
        "--simulate", "--state", "simulator.db", "--journal", "journal.db", "--library", "team", "night.lua",
      ],
      in: folder.path,
      environment: Place.environment.merging(["CVLUA_CRASH_AT": "after POST /commandcenter/api/createtask"]) {
        $1
      }
    ).ending()
    #expect(first.code == 128 + SIGKILL, "\(first.errors)")
    unlink("\(folder.path)/mine.lua")
    try folder.write("team/said.lua", "word = \"changed\" return {}")
    // What was good enough for the run stays so.
    try folder.write("team/library.lua", "return { cvlua = \">= 9\" }")
    let second = try await cvlua(["resume", "last"])
    #expect(second.code == 0, "\(second.errors)")
    #expect(second.output == "done\tnil\n")
    #expect(second.errors.contains("1 target"))
  }

  @Test(
    "finds its job though the machine's clock was two hours ahead, or behind, when it died",
    arguments: [2, -2])
  func clock(_ hours: Int64) async throws {
    let night = CrashNight()
    let (undisturbed, _) = try await night.undisturbed()
    let folder = try await died(night)
    do {
      let database = try Database("\(folder.path)/journal.db")
      defer { database.close() }
      // As it would have been written down by such a clock, while the server's own is right. The others' times stay,
      // from which a rehearsal's clock goes on.
      try database.run(
        "UPDATE steps SET started_at = started_at + ? WHERE key LIKE '%/crm %'", hours * 3_600_000_000_000)
    }
    #expect(try await night.end(folder, Child.Ending(), undisturbed) == undisturbed)
  }

  @Test(
    "submits nothing more once the disk is full, says so, and goes on when there is room",
    .enabled(if: Tracer.mayTrace), arguments: [1, 4, 12, 20, 30])
  func fullDisk(_ write: Int) async throws {
    let night = CrashNight()
    let (undisturbed, _) = try await night.undisturbed()
    let folder = try Folder()
    let first = try await night.start(
      folder, [:],
      by: [
        Tracer.path, "-f", "-qq", "-o", "/dev/null", "-P", "\(folder.path)/journal.db-wal", "-e",
        "trace=pwrite64", "-e",
        "inject=pwrite64:error=ENOSPC:when=\(write)+",
      ])
    #expect(first.code == 20)
    #expect(first.errors.contains("is full"), "\(first.errors)")
    #expect(try await night.end(folder, first, undisturbed) == undisturbed)
  }

  @Test("submits nothing more once the journal's file is gone")
  func deletedJournal() async throws {
    let served = try await Served.unhurried()
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    let run = try served.start([
      "-e",
      "local function one(name) return backup.rds{ clientName = \"c\", instanceName = \"i\", subclientName = name } end local a = one \"a\" print \"submitted\" a:wait() one \"b\"",
    ])
    try await run.waitFor("submitted")
    for name in ["", "-wal", "-shm"] { unlink("\(served.journal)\(name)") }
    try await served.hurry()
    let ending = try await run.ending()
    served.note(ending)
    #expect(ending.code == 20, "\(ending.errors)")
    #expect(ending.errors.contains("journal.db"), "\(ending.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }

  @Test("does not take another server's job for its own, and goes on when the right one is back")
  func anotherServer() async throws {
    let served = try await Served.unhurried()
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "\(served.folder.path)/night.lua")
    try await served.killSimulator()
    try await served.restartSimulator(["--seed", "2", "--state", "keys/other.db"])
    let second = try await served.command("resume", "last")
    #expect(second.code == 20, "\(second.errors)")
    #expect(second.errors.contains("behind the URL is another Command Center"), "\(second.errors)")
    #expect(try await served.state().submits == 0)
    try await served.hurry()
    let third = try await served.command("resume", "last")
    #expect(third.code == 0, "\(third.errors)")
    try await served.close()
  }

  @Test("submits nothing more to another server behind the URL, which the run did not begin with")
  func anotherServerForTheRest() async throws {
    let served = try await Served.unhurried()
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write(
      "night.lua", "\(oneBackup.dropLast(":wait()".count)) \(oneBackup.replacing("\"a\"", with: "\"b\""))")
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "\(served.folder.path)/night.lua")
    try await served.killSimulator()
    try await served.restartSimulator(["--seed", "2", "--state", "keys/other.db"])
    let second = try await served.command("resume", "last")
    #expect(second.code == 20, "\(second.errors)")
    #expect(second.errors.contains("c/i/b FULL #1 is not submitted there"), "\(second.errors)")
    #expect(try await served.state().submits == 0)
    try await served.killSimulator()
    try await served.restartSimulator(["--speed", "1000"])
    let third = try await served.command("resume", "last")
    #expect(third.code == 0, "\(third.errors)")
    #expect(try await served.state().jobs == ["Completed", "Completed"])
    try await served.close()
  }

  @Test("stays to be resumed where the Command Center is not configured any more")
  func withoutProfile() async throws {
    let served = try await Served()
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "\(served.folder.path)/night.lua")
    try served.folder.write("config.lua", "return {}")
    let second = try await served.command("resume", "last")
    #expect(second.code == 64, "\(second.errors)")
    try served.configure("unattended = true, settle = \"1s\"")
    let third = try await served.command("resume", "last")
    #expect(third.code == 0, "\(third.errors)")
    #expect(try await served.state().submits == 1)
    try await served.close()
  }

  @Test("says that a job is gone which the server does not know any more, and does not submit it again")
  func deletedJob() async throws {
    let night = CrashNight(faults: "")
    let folder = try Folder()
    let (_, points) = try await night.undisturbed()
    // Its last job: the simulator's numbers have no gaps.
    let point = try #require(points.last { $0.hasPrefix("after ids@backup.") })
    let target = try #require(point.split(separator: ":").last?.split(separator: " ").first)
    #expect(try await night.start(folder, ["CVLUA_CRASH_AT": point]).code == 128 + SIGKILL)
    do {
      let database = try Database("\(folder.path)/simulator.db")
      defer { database.close() }
      try database.execute(
        "DELETE FROM record WHERE kind = 'job' AND CAST(key AS INTEGER) = (SELECT MAX(CAST(key AS INTEGER)) FROM record WHERE kind = 'job')"
      )
    }
    let second = try await Child(
      Place.cvlua, ["resume", "last", "--journal", "journal.db"], in: folder.path,
      environment: Place.environment
    ).ending()
    #expect(second.code == 20, "\(second.errors)")
    #expect(second.errors.contains("but does not know it now"), "\(second.errors)")
    let jobs = try night.result(second, folder).jobs
    #expect(!jobs.contains { $0.hasPrefix("\(target) ") }, "\(point): \(jobs)")
  }
}
