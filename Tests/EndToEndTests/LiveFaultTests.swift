import CommandCenterAPI
import Glibc
import Testing

@Suite("What goes wrong on the wire")
struct LiveFaultTests {
  /// A fault of the wire, the request that meets it, and what the run comes to.
  struct Accident: Sendable, CustomTestStringConvertible {
    /// As `--faults` has it, without its request.
    let fault: String
    let request: String
    var happensOnce = true
    var end = End.good

    enum End {
      case good
      /// Nobody knows what became of the submit: the server has made so many jobs of it.
      case ambiguous(jobs: Int)
      /// Nothing was submitted, and the login was tried as often.
      case noLogin(tries: Int64)
    }

    var spec: String { "\(request):\(fault)\(happensOnce ? "@1" : "")" }
    var testDescription: String { spec }
  }

  static let faults = [
    "drop-before", "drop-answer", "reset", "http=429", "http=500", "http=503", "html", "expire-token",
    "truncate", "trickle=1s",
  ]

  /// What lost requests, lost answers and others' answers make of a submit; it is never sent again.
  static let lostSubmits: [String: Int] = [
    "drop-before": 0, "drop-answer": 1, "reset": 1, "http=500": 0, "http=503": 0, "html": 0, "truncate": 1,
  ]

  static let once = ["login", "logout", "lookup", "createtask", "jobs", "job"].flatMap { request in
    faults.map { fault in
      let jobs = request == "createtask" ? lostSubmits[fault] : nil
      return Accident(fault: fault, request: request, end: jobs.map { .ambiguous(jobs: $0) } ?? .good)
    }
  }

  static let always =
    ["drop-before", "drop-answer", "reset", "http=500", "http=503", "html", "truncate"].map {
      Accident(fault: $0, request: "login", happensOnce: false, end: .noLogin(tries: 5))
    }
    + lostSubmits.map {
      Accident(fault: $0, request: "createtask", happensOnce: false, end: .ambiguous(jobs: $1))
    }
    + faults.map { Accident(fault: $0, request: "logout", happensOnce: false) }
    + ["login", "createtask", "jobs", "job"].map {
      Accident(fault: "trickle=100ms", request: $0, happensOnce: false)
    }

  /// Asks for the job by its id besides.
  static let script = """
    local task = backup.rds{ clientName = "c", instanceName = "i", subclientName = "a" }
    if task.jobs[1] then job(task.jobs[1]):wait() end
    task:wait()
    """

  @Test("costs no backup and doubles none, and says what is not known", arguments: once + always)
  func accident(_ accident: Accident) async throws {
    let served = try await Served(faults: accident.spec)
    let lookup = accident.request == "lookup" ? "commcell():clients() " : ""
    let live = try await served.run("-e", lookup + Self.script)
    let state = try await served.state()
    let outcomes = live.errors.split(separator: "\n").filter { $0.hasPrefix("  ") && $0.contains("c/i/a") }
    #expect(outcomes.count == 1, "\(live.errors)")
    let outcome = outcomes.first?.split(separator: " ").first
    switch accident.end {
    case .good:
      #expect(live.code == 0, "\(live.errors)")
      #expect(outcome == "completed")
      #expect(state.jobs == ["Completed"])
    case .ambiguous(let jobs):
      #expect(live.code == 20, "\(live.errors)")
      #expect(outcome == "ambiguous")
      #expect(state.jobs.count == jobs)
      #expect(state.submits == 1)
    case .noLogin(let tries):
      #expect(live.code == 18, "\(live.errors)")
      #expect(outcome == "unreachable")
      #expect(state.jobs.isEmpty)
      #expect(state.submits == 0)
      #expect(state.logins == tries)
    }
    #expect(live.requests == requestsLine(state))
    #expect(live.output == "")
    try await served.close()
  }

  @Test(
    "an answer to a lookup that never comes is an error that names itself, and nothing is submitted",
    arguments: ["drop-before", "truncate", "http=500", "http=429", "html", "expire-token"])
  func lookup(_ fault: String) async throws {
    let served = try await Served(faults: "lookup:\(fault)")
    let live = try await served.run("-e", "commcell():clients() \(oneBackup)")
    #expect(live.code == 65)
    let sentences = live.errors.split(separator: "\n").filter { $0.hasPrefix("cvlua: ") }
    #expect(sentences.count == 1, "\(live.errors)")
    #expect(try await served.state().submits == 0)
    try await served.close()
  }

  @Test("is told as JSON, too, without a secret", arguments: faults)
  func logged(_ fault: String) async throws {
    // The login is the first request.
    let served = try await Served(faults: "request:\(fault)@1,request:\(fault)@3,request:\(fault)@4")
    let live = try await served.run("--log-format", "json", "-e", oneBackup)
    #expect([0, 20].contains(live.code), "\(live.errors)")
    for line in live.errors.split(separator: "\n") {
      #expect(try JSONValue(parsing: Array(line.utf8))["event"] != nil)
    }
    #expect(try await served.state().jobs.count <= 1)
    try await served.close()
  }

  @Test("a token that dies with each submit is an outcome in the end")
  func deadTokens() async throws {
    let served = try await Served(faults: "createtask:expire-token")
    let live = try await served.run("-e", oneBackup)
    #expect(live.code == 18)
    #expect(live.errors.contains("Access denied (error 5)"), "\(live.errors)")
    #expect(try await served.state().jobs.isEmpty)
    try await served.close()
  }

  @Test("a wrong password is refused once, whatever waits for it")
  func wrongPassword() async throws {
    let served = try await Served()
    try served.secret("password", "another-secret-5ec7e7")
    served.secrets.append("another-secret-5ec7e7")
    let live = try await served.run(
      "-e",
      "flow.map({ 'a', 'b', 'c' }, function(n) return backup.rds{ clientName = 'c', instanceName = 'i', subclientName = n }:wait() end)"
    )
    #expect(live.code == 18)
    #expect(live.errors.contains("The login as simulator was refused: "), "\(live.errors)")
    let state = try await served.state()
    #expect(state.logins == 1)
    #expect(state.submits == 0)
    try await served.close()
  }

  @Test("a server that grants few requests is waited for, and no submit is lost")
  func throttled() async throws {
    let served = try await Served(speed: 60, faults: "createtask:throttle=1/s")
    let live = try await served.run(
      "-e",
      "flow.map({ 'a', 'b', 'c' }, function(n) return backup.rds{ clientName = 'c', instanceName = 'i', subclientName = n }:wait() end)"
    )
    #expect(live.code == 0, "\(live.errors)")
    #expect(try await served.state().jobs == ["Completed", "Completed", "Completed"])
    try await served.close()
  }

  @Test("a server that is gone is told of once, and Ctrl-C leaves all the same")
  func gone() async throws {
    let served = try await Served(faults: "jobs:drop-before,job:drop-before")
    let child = try served.start(["-e", oneBackup])
    try await child.waitFor("closed the connection")
    child.send(SIGINT)
    let live = try await child.ending()
    served.note(live)
    #expect(live.code == 130)
    #expect(live.errors.contains("still running  rds  c/i/a"), "\(live.errors)")
    let state = try await served.state()
    #expect(state.submits == 1)
    #expect(state.jobs.count == 1)
    try await served.close()
  }
}
