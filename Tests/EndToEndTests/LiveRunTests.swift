import Glibc
import Testing

@Suite("A live run")
struct LiveRunTests {
  @Test("over TLS goes as it does in process, in one login and one submit a backup")
  func asRehearsed() async throws {
    let served = try await Served(speed: 240, ["--tls"])
    // Both nights on one weekday, which decides the levels.
    let rehearsed = try await Child(
      Place.cvlua, ["--simulate", "--submit-late", "scripts/nightly.lua"], in: served.folder.path,
      environment: Place.environment
    ).ending()
    let live = try await served.run("--progress", "none", "--submit-late", "scripts/nightly.lua")
    // Which of two branches submits first is nobody's business.
    #expect(live.essence.sorted() == rehearsed.essence.sorted())
    #expect(live.essence.count == 10, "\(live.errors)")
    #expect(live.code == 0)
    #expect(live.output == "")

    let state = try await served.state()
    #expect(state.logins == 1)
    #expect(state.submits == 8)
    #expect(state.jobs == Array(repeating: "Completed", count: 8))
    #expect(live.requests == requestsLine(state))
    try await served.close()
  }

  @Test("says where it goes and as whom, and nothing of SIMULATED")
  func place() async throws {
    let served = try await Served()
    let live = try await served.run("-e", oneBackup)
    #expect(live.errors.contains("at \(served.url) as simulator (profile sim)\n"), "\(live.errors)")
    #expect(!live.errors.contains("SIMULATED"))
    try await served.close()
  }

  @Test("with a ready-made token logs in and out nowhere")
  func token() async throws {
    let served = try await Served()
    try served.configure(login: "token = secret.file \"\(served.folder.path)/keys/token\"")
    let live = try await served.run("-e", oneBackup)
    #expect(live.code == 0)
    #expect(live.errors.contains("with a token (profile sim)"), "\(live.errors)")
    let state = try await served.state()
    #expect(state.logins == 0)
    #expect(state.requests["POST /Logout"] == nil)
    #expect(state.jobs.count == 1)
    try await served.close()
  }

  @Test("takes the server and its token from the environment alone")
  func environment() async throws {
    let served = try await Served(["--tls"])
    let environment = served.environment.merging([
      "CVLUA_URL": served.url, "CVLUA_TOKEN": Served.token, "CVLUA_CA_FILE": served.authority ?? "",
      "CVLUA_UNATTENDED": "1",
    ]) { $1 }
    let live = try await Child(
      Place.cvlua, ["-e", oneBackup], in: served.folder.path, environment: environment
    ).ending()
    served.note(live)
    #expect(live.code == 0, "\(live.errors)")
    #expect(try await served.state().jobs.count == 1)
    try await served.close()
  }

  @Test("is right at a server whose clock is far from ours")
  func clock() async throws {
    // After three seconds it is an hour ahead.
    let served = try await Served(speed: 1200)
    let live = try await served.run("-e", "flow.sleep '3s' " + oneBackup)
    #expect(live.code == 0, "\(live.errors)")
    #expect(live.errors.contains("  completed  rds  c/i/a  FULL"), "\(live.errors)")
    #expect(try await served.state().jobs == ["Completed"])
    try await served.close()
  }

  @Test("would be caught leaking")
  func search() async throws {
    let served = try await Served()
    try served.folder.write("journal", "\u{1}\(Served.password)")
    await withKnownIssue { try await served.close() }
    let printing = try await Served()
    _ = try await printing.run("-e", "print 'QSDK 123'")
    await withKnownIssue { try await printing.close() }
  }

  @Test("logs as JSON what happens, and no secret")
  func json() async throws {
    let served = try await Served(faults: "createtask:expire-token@1,jobs:reset@1")
    let live = try await served.run("--log-format", "json", "-e", oneBackup + " print(secret)")
    #expect(live.code == 0, "\(live.errors)")
    #expect(live.errors.contains("\"event\":\"run.finished\""))
    try await served.close()
  }
}

/// A backup of some minutes of the simulator's.
let oneBackup = #"backup.rds{ clientName = "c", instanceName = "i", subclientName = "a" }:wait()"#

/// The recap's line of requests, from what the server counted.
func requestsLine(_ state: Served.State) -> String {
  let total = state.requests.values.reduce(0, +)
  let others = total - state.logins - state.submits - state.polls
  let parts = [
    (state.logins, "login"), (state.submits, "submit"), (state.polls, "poll"), (others, "other"),
  ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
  return "\(total) request\(total == 1 ? "" : "s"): " + parts.joined(separator: ", ")
}
