import CommandCenterAPI
import Glibc
import SQLite
import Testing

/// Runs over HTTP are killed at any moment, no hook of ours naming it, and so is the Command Center.
@Suite("A live run that is killed at any moment", .serialized)
struct LiveCrashTests {
  /// Eight backups, and a ninth where one failed.
  private static let script = """
    local ladder = require "ladder"
    local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" } }
    local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
    local rds    = backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }
    flow.all{
      function() return flow.map({ 1042, 1043, 1051 }, function(id) return rescue(dynamo, { subclientId = id }) end) end,
      function() flow.sleep("1s") return rds{ subclientName = "late" }:wait() end,
      function()
        flow.map({ "orders", "crm", "hr" }, function(name) return rds{ subclientName = name }:wait() end)
        return backup.oracle{ clientName = "aws-prod", instanceName = "ERP", backupLevel = "FULL" }:wait()
      end,
    }
    """
  private static let expected = [
    "aws-prod/DynamoDB/1042 FULL", "aws-prod/DynamoDB/1042 INCREMENTAL", "aws-prod/DynamoDB/1043 INCREMENTAL",
    "aws-prod/DynamoDB/1051 INCREMENTAL", "aws-prod/ERP/default FULL", "aws-prod/eu-west-1/crm FULL",
    "aws-prod/eu-west-1/hr FULL", "aws-prod/eu-west-1/late FULL", "aws-prod/eu-west-1/orders FULL",
  ]

  @Test("runs each backup once, though the Command Center is killed as well every other time")
  func twentyMoments() async throws {
    var choice = Choice(seed: 20)
    let moments = (0..<20).map { index in
      (index, (0..<2).map { _ in Double.random(in: 0.05...3.5, using: &choice) })
    }
    let failures = try await few(moments, atOnce: 7) { index, moments in
      try await lives(moments, killsSimulator: index % 2 == 1).map { "\(index): \(moments): \($0)" }
    }
    print("crash test: \(moments.count) moments over HTTP, \(failures.count) failures")
    #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
  }

  /// - Parameter moments: of the first life and the second, in seconds.
  /// - Returns: what is wrong; nil where nothing is.
  private func lives(_ moments: [Double], killsSimulator: Bool) async throws -> String? {
    // What it keeps is no business of the search for secrets.
    let kept = try Folder()
    let served = try await Served(
      speed: 2000, faults: "dynamodb/1042:fail", ["--state", "\(kept.path)/simulator.db"])
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    try served.folder.write("night.lua", Self.script)
    let night = "\(served.folder.path)/night.lua"
    for (life, moment) in moments.enumerated() {
      // The same night is taken up where it was left.
      let run = try served.start([night])
      let isHit = killsSimulator && life == 0
      if isHit {
        try await Task.sleep(for: .seconds(moment / 2))
        try await served.killSimulator()
        try await Task.sleep(for: .seconds(0.2))
        try await served.restartSimulator()
      }
      try await Task.sleep(for: .seconds(isHit ? moment / 2 : moment))
      run.send(SIGKILL)
      let ending = try await run.ending()
      served.note(ending)
      // It was quicker; it may be over on record though its process was not.
      if ending.code != 128 + SIGKILL { break }
      if try await served.command("runs").output.contains("  exit 2  ") { break }
    }
    let runs = try await served.command("runs")
    var ending = Child.Ending()
    if !runs.output.contains("  exit 2  ") { ending = try await served.run(night) }
    let after = try await served.command("runs")
    try await served.killSimulator()
    try await served.close()
    let jobs = try Self.jobs("\(kept.path)/simulator.db")
    let isRight =
      jobs == Self.expected && after.output.split(separator: "\n").count == 1
      && after.output.contains("  exit 2  ")
    return isRight ? nil : "\(jobs), \(ending)\n\(after.output)"
  }

  private static func jobs(_ file: String) throws -> [String] {
    let database = try Database(file)
    defer { database.close() }
    return try database.all("SELECT json FROM record WHERE kind = 'job'") { row in
      let job = try JSONValue(parsing: Array(row.text(0).utf8))
      return "\(job["target"]?.string ?? "?") \(job["asked"]?.string ?? "-")"
    }.sorted()
  }
}
