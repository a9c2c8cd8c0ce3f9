import CommandCenterAPI
import Testing

@Suite("With --log-format json")
struct EventLogTests {
  private func events(_ arguments: [String]) async throws -> [JSONValue] {
    let folder = try Folder()
    let ending = try await Child(
      Place.cvlua, ["--simulate", "--at", "2026-11-21T22:00", "--log-format", "json"] + arguments,
      in: folder.path, environment: Place.environment
    ).ending()
    return try ending.errors.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
  }

  @Test("each line is an object with its event and time; all of a night are there")
  func lines() async throws {
    let events = try await events(["--faults", "dynamodb:fail@1,rds:reject@2", "scripts/nightly.lua"])
    #expect(
      events.allSatisfy {
        $0["event"]?.string != nil && $0["time"]?.string != nil && $0["simulated"]?.bool == true
      })
    var counts: [String: Int] = [:]
    for event in events { counts[event["event"]?.string ?? "", default: 0] += 1 }
    counts["job.changed"] = nil
    #expect(
      counts == [
        "backup.submitted": 7, "backup.finished": 9, "log": 2, "run.finished": 1,
      ])
  }

  @Test("the last line is the whole run, with these fields and no others")
  func finished() async throws {
    let last = try #require(
      try await events(["--faults", "dynamodb:fail@1,rds:reject@2", "scripts/nightly.lua"]).last)
    #expect(
      last.names == [
        "event", "time", "simulated", "outcome", "exit", "reason", "night", "started", "finished", "backups",
      ])
    #expect(last["event"]?.string == "run.finished")
    #expect(last["exit"]?.int64 == 2)
    let backups = try #require(last["backups"]?.array)
    #expect(backups.count == 9)
    for backup in backups {
      #expect(
        backup.names == [
          "commcell", "workload", "target", "task_id", "job_ids", "attempt", "level_asked", "level_run",
          "outcome",
          "reason", "started", "finished", "bytes",
        ])
    }
    #expect(
      backups.map {
        "\($0["workload"]?.string ?? "") \($0["attempt"]?.int64 ?? 0) \($0["outcome"]?.string ?? "")"
      }
        == [
          "documentdb 1 completed", "mssql 1 completed", "dynamodb 1 failed", "dynamodb 1 completed",
          "dynamodb 1 completed", "rds 1 completed", "rds 1 rejected",
          "dynamodb 2 completed", "oracle 1 skipped",
        ])
  }

  @Test("a target that the simulator made up says so")
  func invented() async throws {
    let last = try #require(try await events(["scripts/fan-out.lua", "1"]).last)
    #expect(last["backups"]?.array?.first?["invented"]?.bool == true)
  }
}

extension JSONValue {
  /// The names of an object's members, in order.
  fileprivate var names: [String] {
    guard case .object(let members) = self else { return [] }
    return members.map(\.name)
  }

  fileprivate var int64: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }
}
