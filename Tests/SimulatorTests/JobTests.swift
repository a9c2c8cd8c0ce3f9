import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("Jobs of the simulator")
struct JobTests {
  @Test("A job waits, runs through its phases, and completes")
  func course() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.oracle)
    let ended = try caller.run(id)
    #expect(ended.seen == ["Waiting", "Running", "Completed"])
    #expect(ended.end.percentComplete == 100)
    #expect(ended.end.backupLevelName == "Full")
    #expect(ended.end.sizeOfApplication > 1_000_000_000)
    #expect(ended.end.jobStartTime == Caller.evening.unixSeconds)
    #expect(ended.end.jobElapsedTime == ended.end.jobEndTime! - ended.end.jobStartTime)
  }

  @Test(
    "Each fault ends a job in its own way",
    arguments: [
      ("fail", "Failed"), ("warnings", "Completed w/ one or more warnings"),
      ("errors", "Completed w/ one or more errors"), ("committed", "Committed"), ("killed", "Killed"),
      ("failed_to_start", "Failed to Start"),
    ])
  func endings(fault: String, status: String) throws {
    let caller = try Caller(faults: "*:\(fault)")
    let end = try caller.run(try caller.job(Payload.dynamodb(1042))).end
    #expect(end.status.name == status)
    #expect(!end.pendingReason.isEmpty)
    if fault == "failed_to_start" { #expect(end.percentComplete == 100) }
    if fault == "errors" { #expect(end.totalFailedFiles > 0) }
  }

  @Test(
    "Every status that is known can be shown, and unknown ones too",
    arguments:
      JobStatus.known.filter { !$0.isTerminal }.map(\.name) + ["Frobnicating"])
  func statuses(name: String) throws {
    let caller = try Caller(faults: "dynamodb:status=\(name)")
    let ended = try caller.run(try caller.job(Payload.dynamodb(1042)))
    #expect(ended.seen.contains(name))
    #expect(ended.seen.last == "Completed")
  }

  @Test("Pending and slow take as long as they say")
  func delays() throws {
    func duration(_ faults: String) throws -> Int64 {
      let caller = try Caller(faults: faults)
      return try caller.run(try caller.job(Payload.dynamodb(1042))).end.jobElapsedTime
    }
    let plain = try duration("")
    #expect(try duration("dynamodb:pending=2h") == plain + 7200)
    // Each of three phases is rounded up to whole seconds.
    #expect(abs(try duration("dynamodb:slow=1h") - plain - 3600) <= 3)
  }

  @Test("A fault with @N hits the Nth submit only")
  func ordinal() throws {
    let caller = try Caller(faults: "dynamodb:fail@2")
    var ends: [JobStatus] = []
    for id in [1042, 1043, 1051] {
      ends.append(try caller.run(try caller.job(Payload.dynamodb(id))).end.status)
    }
    #expect(ends == [.completed, .failed, .completed])
  }

  @Test(
    "A fault with a name or an id hits that target only",
    arguments: [
      "dynamodb/1042:fail", "dynamodb/customers:fail", "*/CUSTOMERS:fail",
    ])
  func named(faults: String) throws {
    let caller = try Caller(faults: faults)
    #expect(try caller.run(try caller.job(Payload.dynamodb(1042))).end.status == .failed)
    #expect(try caller.run(try caller.job(Payload.dynamodb(1043))).end.status == .completed)
  }

  @Test("A busy fault leaves somebody else's backup to be found")
  func busyFault() throws {
    let caller = try Caller(faults: "rds/orders:busy@1")
    let error = #expect(throws: ServerError.self) { try caller.submit(Payload.rds("orders")) }
    #expect(error?.kind == .busy)
    let other = try #require(caller.simulator.view.jobs.first)
    #expect(other.user == "scheduler")
    _ = try caller.run(other.jobId)
    #expect(try caller.submit(Payload.rds("orders")).jobIds.count == 1)
  }

  @Test("A garbled answer hides a job that was made; a rejection makes none")
  func garbage() throws {
    let caller = try Caller(faults: "rds:garbage,dynamodb:reject")
    let answer = caller.send(.post, "/createtask", Payload.rds("orders"))
    #expect(throws: JSONError.self) { try JSONValue(parsing: answer.body) }
    #expect(throws: ServerError.self) { try caller.submit(Payload.dynamodb(1042)) }
    #expect(caller.simulator.view.jobs.map(\.workload) == ["rds"])
  }

  @Test("A hidden job is unknown until its time has come")
  func hidden() throws {
    let caller = try Caller(faults: "*:hidden=30s")
    let id = try caller.job(Payload.dynamodb(1042))
    #expect(try caller.summary(id) == nil)
    caller.clock.advance(by: .seconds(30))
    #expect(try caller.summary(id) != nil)
  }

  @Test("Pausing, resuming and killing change what a job does")
  func actions() throws {
    var settings = SimulatorSettings()
    settings.tokenLifetime = .seconds(1_000_000)
    let caller = try Caller(settings: settings)
    let id = try caller.job(Payload.oracle)
    caller.clock.advance(by: .seconds(600))
    let before = try #require(try caller.summary(id))
    #expect(caller.send(.post, "/Job/\(id)/action/pause").body == Array("{}".utf8))
    #expect(try caller.summary(id)?.status == .suspendPending)
    caller.clock.advance(by: .seconds(86_400))
    let suspended = try #require(try caller.summary(id))
    #expect(suspended.status == .suspended)
    #expect(suspended.percentComplete == before.percentComplete)

    #expect(caller.send(.post, "/Job/\(id)/action/resume").body == Array("{}".utf8))
    #expect(try caller.summary(id)?.status == .waiting)
    caller.clock.advance(by: .seconds(60))
    #expect(try caller.summary(id)?.status == .running)
    #expect(caller.send(.post, "/Job/\(id)/action/kill").body == Array("{}".utf8))
    #expect(try caller.run(id).seen == ["Kill Pending", "Killed"])
  }

  @Test("A suspended job goes on where it was")
  func resumed() throws {
    func end(pausedFor pause: Duration?) throws -> Int64 {
      let caller = try Caller()
      let id = try caller.job(Payload.oracle)
      caller.clock.advance(by: .seconds(600))
      if let pause {
        _ = caller.send(.post, "/Job/\(id)/action/pause")
        caller.clock.advance(by: pause)
        _ = caller.send(.post, "/Job/\(id)/action/resume")
      }
      return try caller.run(id).end.jobElapsedTime
    }
    #expect(try end(pausedFor: .seconds(1000)) == end(pausedFor: nil) + 1010)
  }

  @Test("An action that makes no sense is refused in the vendor's envelope")
  func refusedActions() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.dynamodb(1042))
    for path in ["/Job/\(id)/action/resume", "/Job/1/action/kill"] {
      let answer = caller.send(.post, path)
      #expect(throws: ServerError.self) {
        try decodeAcknowledgement(status: answer.status, body: answer.body)
      }
    }
  }

  @Test("A job may start suspended")
  func startsSuspended() throws {
    var settings = SimulatorSettings()
    settings.tokenLifetime = .seconds(1_000_000)
    let caller = try Caller(settings: settings)
    let body = Payload.dynamodb(1042).replacing(
      "\"jobDescription\"", with: "\"startUpOpts\":{\"startInSuspendedState\":true},\"jobDescription\"")
    let id = try caller.job(body)
    caller.clock.advance(by: .seconds(3600))
    #expect(try caller.summary(id)?.status == .suspended)
    _ = caller.send(.post, "/Job/\(id)/action/resume")
    #expect(try caller.run(id).end.status == .completed)
  }

  @Test("What becomes of a backup does not depend on who submits first")
  func order() throws {
    func ends(_ ids: [Int]) throws -> [Int: Int64] {
      let caller = try Caller(seed: 7)
      let jobs = try ids.map { ($0, try caller.job(Payload.dynamodb($0))) }
      return try Dictionary(
        uniqueKeysWithValues: jobs.map { ($0.0, try caller.run($0.1).end.jobElapsedTime) })
    }
    #expect(try ends([1042, 1043, 1051]) == ends([1051, 1042, 1043]))
  }

  @Test("Another seed makes another night; another submit another duration")
  func seeds() throws {
    func ends(seed: UInt64) throws -> [Int64] {
      let caller = try Caller(seed: seed)
      return try (0..<3).map { _ in try caller.run(try caller.job(Payload.dynamodb(1042))).end.jobElapsedTime
      }
    }
    let first = try ends(seed: 1)
    #expect(try ends(seed: 1) == first)
    #expect(try ends(seed: 2) != first)
    #expect(Set(first).count > 1)
  }

  @Test("No backup takes longer than a few hours")
  func durations() throws {
    let caller = try Caller()
    for id in 1...200 {
      let end = try caller.run(try caller.job(Payload.dynamodb(id, "FULL")), every: .seconds(60)).end
      #expect((300...7200).contains(end.jobElapsedTime))
    }
  }

  @Test("JobDetails tells sizes as strings")
  func details() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.dynamodb(1042))
    _ = try caller.run(id)
    let answer = caller.send(.post, "/JobDetails", "{\"jobId\":\(id)}")
    let detail = try JSONValue(parsing: answer.body)["job"]?["jobDetail"]
    #expect(detail?["detailInfo"]?["sizeOfApplication"]?.string != nil)
    #expect(detail?["progressInfo"]?["state"]?.string == "Completed")
    #expect(detail?["generalInfo"]?["taskData"]?["taskId"]?.int64 ?? 0 > 0)
    #expect(detail?["generalInfo"]?["jobDescription"]?.string == "night 1")
  }
}
