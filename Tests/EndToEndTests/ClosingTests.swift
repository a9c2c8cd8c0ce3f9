import CommandCenterAPI
import SQLite
import Testing

/// What a dead run of last night has submitted is asked after when tonight's begins.
@Suite("A run of another night that died is closed")
struct ClosingTests {
  private let listener: Listener

  init() throws { listener = try Listener() }

  /// A simulator, a profile that tells the listener, and a script whose run has died at a point, a night ago.
  private func served(dyingAt point: String, faults: String = "") async throws -> Served {
    let served = try await Served(speed: 1, faults: faults, ["--state", "keys/simulator.db"])
    served.journal = "\(served.folder.path)/journal.db"
    served.secrets += [Listener.key]
    try served.secret("hook", listener.address("hook"))
    try served.configure(
      "unattended = true, attention = { webhook = secret.file \"\(served.folder.path)/keys/hook\" }")
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: point, "night.lua")
    try Database(served.journal).run("UPDATE runs SET night = '2026-01-01'")
    // Tonight's work is another one, so that all there is to see is last night's.
    try served.folder.write("night.lua", "print 'tonight'")
    return served
  }

  private func allHaveEnded(_ served: Served) async throws {
    try await served.hurry()
    while try await served.state().jobs.contains(where: { !["Completed", "Failed"].contains($0) }) {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// The run that died, by the name that its alarms and commands have.
  private func died(_ served: Served) throws -> String {
    let name = try Database(served.journal).first("SELECT id FROM runs WHERE night = '2026-01-01'") {
      $0.text(0)
    }
    return try #require(name)
  }

  /// Of a night that ended before its script did somebody has to know.
  private func tellsTheRestOnly() throws {
    #expect(listener.posts.count == 1)
    let reasons = try #require(listener.posts("hook").first)["reasons"]?.array ?? []
    #expect(
      reasons.map { $0["message"]?.string } == ["what its script had not come to by then was not done"])
  }

  private static let afterIds = "after ids@backup.rds:c/i/a FULL #1"
  private static let beforeIds = "before ids@backup.rds:c/i/a FULL #1"
  private static let beforeSending = "after intent@backup.rds:c/i/a FULL #1"

  @Test(
    "with an alarm of what was not come to only where its job has ended well, whether its number was on disk or not",
    arguments: [
      Self.afterIds, Self.beforeIds,
    ])
  func good(_ point: String) async throws {
    let served = try await served(dyingAt: point)
    try await allHaveEnded(served)
    let tonight = try await served.run("night.lua")
    #expect(tonight.code == 0, "\(tonight.errors)")
    #expect(tonight.errors.contains("is closed now: job 148886 ended well"), "\(tonight.errors)")
    try tellsTheRestOnly()
    let why = try await served.command("why", try died(served))
    #expect(why.output.contains("1 of 1 "), "\(why.output)\(why.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }

  @Test("with an alarm where its job has failed")
  func failed() async throws {
    let served = try await served(dyingAt: Self.afterIds, faults: "rds:fail")
    try await allHaveEnded(served)
    let tonight = try await served.run("night.lua")
    #expect(tonight.errors.contains("job 148886 ended as failed"), "\(tonight.errors)")
    let post = try #require(listener.posts("hook").first)
    #expect(post["reasons"]?.array?.first?["message"]?.string?.contains("ended as failed") == true)
    #expect(listener.posts.count == 1)
    try await served.close()
  }

  @Test("with an alarm of what was not come to only where its job still runs, which goes on")
  func running() async throws {
    let served = try await served(dyingAt: Self.afterIds)
    let tonight = try await served.run("night.lua")
    #expect(tonight.errors.contains("job 148886 still runs and is left to itself"), "\(tonight.errors)")
    try tellsTheRestOnly()
    #expect(try await served.state().jobs.count == 1)
    #expect(try await served.state().requests["POST /Job/{id}/action/kill"] == nil)
    try await served.close()
  }

  @Test("with an alarm where it was never submitted, which it is not any more")
  func never() async throws {
    let served = try await served(dyingAt: Self.beforeSending)
    let tonight = try await served.run("night.lua")
    #expect(tonight.errors.contains("it was never submitted, and is not any more"), "\(tonight.errors)")
    #expect(listener.posts("hook").count == 1)
    #expect(try await served.state().submits == 0)
    try await served.close()
  }

  @Test(
    "with an alarm and the token where nobody can tell what became of it, and tonight's run begins all the same"
  )
  func unreachable() async throws {
    let served = try await served(dyingAt: Self.beforeIds)
    try await served.killSimulator()
    let tonight = try await served.run("night.lua")
    #expect(tonight.code == 0, "\(tonight.errors)")
    #expect(tonight.output == "tonight\n")
    #expect(
      tonight.errors.contains("not known whether it was submitted (the Command Center did not tell)"),
      "\(tonight.errors)")
    #expect(listener.posts("hook").count == 1)
    let run = try died(served)
    let shown = try await served.command("show", run)
    #expect(shown.output.contains("description ends in \"cvlua \(run) "), "\(shown.output)")
    try await served.close()
  }
}
