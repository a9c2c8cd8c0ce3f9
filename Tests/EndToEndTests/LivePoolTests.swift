import Glibc
import Testing

/// Counted by the simulator's own list of jobs.
@Suite("A pool, over the wire", .serialized)
struct LivePoolTests {
  private static let script = """
    local first, last = tonumber(arg[1]), tonumber(arg[2])
    local table = backup.dynamodb:with(
      { clientName = "aws-prod", instanceName = "DynamoDB" }, { pool = pool{ name = "aws-prod", max = 4 } })
    local ids = {}
    for id = first, last do ids[#ids + 1] = id end
    flow.map(ids, function(id) return table{ subclientId = id }:wait() end)
    """

  private func served(speed: Int? = nil) async throws -> Served {
    let served = if let speed { try await Served(speed: speed) } else { try await Served.unhurried() }
    try served.configure("unattended = true, settle = \"1s\"")
    served.journal = "\(served.folder.path)/journal.db"
    return served
  }

  @Test("of four is never exceeded by forty branches of three processes, and is full")
  func threeProcesses() async throws {
    let served = try await served(speed: 600)
    let nights = try [("2001", "2014"), ("3001", "3013"), ("4001", "4013")].map { first, last in
      try served.folder.write("\(first).lua", Self.script)
      return try served.start(["\(served.folder.path)/\(first).lua", first, last])
    }
    for night in nights {
      let ending = try await night.ending()
      served.note(ending)
      #expect(ending.code == 0, "\(ending.errors)")
    }
    let state = try await served.state()
    #expect(state.jobs == Array(repeating: "Completed", count: 40))
    #expect(state.mostAtOnce == 4)
    try await served.close()
  }

  @Test("is held by the jobs of a run that was killed, until somebody sees these end, and by its resume")
  func killed() async throws {
    let served = try await served()
    for name in ["a", "b"] { try served.folder.write("\(name).lua", Self.script) }
    let first = try served.start(["\(served.folder.path)/a.lua", "2001", "2008"])
    try await first.waitFor("submits wait for pool aws-prod: 4 of 4 in use")
    while try await served.state().jobs.count < 4 { try await Task.sleep(for: .milliseconds(20)) }
    first.send(SIGKILL)
    #expect(try await first.ending().code == 128 + SIGKILL)
    let shown = try await served.command("show", "last")
    #expect(shown.output.contains("pool aws-prod: 4 of 4 in use"), "\(shown.output)")
    // Another run waits for what the dead one's jobs have.
    let second = try served.start(["\(served.folder.path)/b.lua", "3001", "3004"])
    try await second.waitFor("submits wait for pool aws-prod: 4 of 4 in use")
    try await served.hurry()
    let resumed = try await served.run("\(served.folder.path)/a.lua", "2001", "2008")
    #expect(resumed.code == 0, "\(resumed.errors)")
    let ending = try await second.ending()
    served.note(ending)
    #expect(ending.code == 0, "\(ending.errors)")
    let state = try await served.state()
    #expect(state.jobs.count == 12)
    #expect(state.mostAtOnce == 4)
    try await served.close()
  }

  @Test("is free again when another run sees that the jobs of a run that is gone have ended")
  func gone() async throws {
    let served = try await served()
    for name in ["a", "b"] { try served.folder.write("\(name).lua", Self.script) }
    let first = try served.start(["\(served.folder.path)/a.lua", "2001", "2006"])
    try await first.waitFor("submits wait for pool aws-prod: 4 of 4 in use")
    while try await served.command("show", "last").output.ranges(of: ": job ").count < 4 {}
    first.send(SIGKILL)
    #expect(try await first.ending().code == 128 + SIGKILL)
    try await served.hurry()
    let second = try await served.run("\(served.folder.path)/b.lua", "3001", "3002")
    #expect(second.code == 0, "\(second.errors)")
    #expect(try await served.state().mostAtOnce <= 4)
    try await served.close()
  }
}
