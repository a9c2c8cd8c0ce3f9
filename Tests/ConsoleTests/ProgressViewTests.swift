import Clock
import CommandCenterAPI
@testable import Console
import Glibc
import Terminal
import Testing
import Workflow

@Suite("The view of a run's progress")
struct ProgressViewTests {
  private let night = FiveHundred()
  private let view = ProgressView(started: FiveHundred.start, isSimulated: false)

  private func lines(_ columns: Int, _ rows: Int) -> [String] {
    setenv("TZ", "UTC", 1)
    return view.lines(night.state, columns: columns, rows: rows, now: FiveHundred.now)
  }

  /// What stands in Screens/; with CVLUA_RECORD set it is written anew.
  @Test(
    "of 500 jobs, as it looks",
    arguments: [(80, 20), (200, 46), (40, 20), (20, 12), (1, 5), (120, 1), (100, 7), (400, 520)])
  func screens(_ columns: Int, _ rows: Int) throws {
    let path =
      #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
      + "/Screens/\(columns)x\(rows).txt"
    let text = lines(columns, rows).map { $0 + "\n" }.joined()
    if getenv("CVLUA_RECORD") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(text, file)
      fclose(file)
    }
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    #expect(text == String(decoding: bytes, as: UTF8.self))
  }

  @Test("fits whatever there is", arguments: [1, 2, 3, 7, 13, 20, 33, 40, 57, 79, 80, 81, 132, 200])
  func fits(_ columns: Int) {
    for rows in [1, 2, 3, 5, 10, 24, 50, 600] {
      let lines = lines(columns, rows)
      #expect(lines.count <= rows)
      #expect(lines.allSatisfy { DisplayText.width($0) <= columns })
      #expect(lines.allSatisfy { line in !line.unicodeScalars.contains { $0.value < 0x20 } })
    }
  }

  @Test("has nothing to say where there is no room, and says so where nothing has begun")
  func empty() {
    #expect(lines(0, 10) == [])
    #expect(lines(10, 0) == [])
    let view = ProgressView(started: FiveHundred.start, isSimulated: true)
    #expect(
      view.lines(ProgressState(), columns: 80, rows: 24, now: FiveHundred.now)
        == ["SIMULATED · nothing yet · 1h 00m"])
  }

  @Test("paints after it has cut")
  func colours() {
    let view = ProgressView(started: FiveHundred.start, isSimulated: false) { "<\($1)>\($0)</>" }
    #expect(
      view.lines(night.state, columns: 30, rows: 2, now: FiveHundred.now) == [
        "<red>4 not good</> · <yellow>3 held up</> · 108 …", "<dim>  … and 5 more</>",
      ])
  }
}

@Suite("What is known of a run's progress")
struct ProgressStateTests {
  private let start = FiveHundred.start
  private let view = ProgressView(started: FiveHundred.start, isSimulated: false)

  private func attempt(_ number: Int, of name: String, _ outcome: Outcome? = nil, seconds: Int = 60)
    -> Attempt
  {
    var attempt = Attempt(
      number: number, commcell: "default", workload: "rds", target: "a/b/\(name)", attempt: 1,
      started: start)
    attempt.outcome = outcome
    attempt.isOk = outcome?.isOkByDefault ?? false
    if outcome != nil { attempt.finished = start + .seconds(seconds) }
    return attempt
  }

  private func running(_ number: Int, of name: String, percent: Int64, bytes: Int64 = 0) -> RunEvent {
    var attempt = attempt(number, of: name)
    var job = JobSummary(jobId: Int64(number), status: .running)
    job.percentComplete = percent
    job.sizeOfApplication = bytes
    attempt.jobs = [job]
    return .changed(attempt, job)
  }

  @Test("a target counts by its last attempt: a rescued one is good")
  func rescued() {
    var state = ProgressState()
    _ = state.take(.finished(attempt(1, of: "crm", .failed)), at: start + .seconds(60))
    #expect(state[.bad] == 1)
    _ = state.take(.submitted(attempt(2, of: "crm")), at: start + .seconds(61))
    #expect((state[.bad], state[.running]) == (0, 1))
    // What is still heard of the first one is past.
    #expect(state.take(running(1, of: "crm", percent: 9), at: start + .seconds(62)) == nil)
    _ = state.take(.finished(attempt(2, of: "crm", .completed)), at: start + .seconds(90))
    #expect((state[.bad], state[.running], state[.good]) == (0, 0, 1))
    #expect(state.items.count == 1)
  }

  @Test("a later attempt that was left out changes nothing about the one before it")
  func leftOut() {
    var state = ProgressState()
    _ = state.take(.finished(attempt(1, of: "crm", .completed)), at: start + .seconds(60))
    _ = state.take(.waiting(attempt(2, of: "crm"), "for pool p"), at: start + .seconds(61))
    #expect((state[.good], state[.queued]) == (0, 1))
    let news = state.take(.finished(attempt(2, of: "crm", .skipped)), at: start + .seconds(90))
    #expect(news?.stage == .skipped)
    #expect((state[.good], state[.queued], state[.skipped]) == (1, 0, 0))
    _ = state.take(.finished(attempt(3, of: "crm", .failed)), at: start + .seconds(95))
    _ = state.take(.finished(attempt(4, of: "crm", .skipped)), at: start + .seconds(99))
    #expect((state[.good], state[.bad], state[.skipped]) == (0, 1, 0))
    #expect(state.items.map(\.word) == ["failed"])
  }

  @Test("the end is expected from how far jobs are, and from those before them")
  func end() {
    var state = ProgressState()
    _ = state.take(running(1, of: "crm", percent: 3), at: start + .seconds(10))
    #expect(state.expectedEnd(at: start + .seconds(10)) == nil)
    // A quarter in 100 s: three more of these, from then on.
    _ = state.take(running(1, of: "crm", percent: 25), at: start + .seconds(100))
    #expect(state.expectedEnd(at: start + .seconds(100)) == start + .seconds(400))
    #expect(state.expectedEnd(at: start + .seconds(150)) == start + .seconds(400))
    // Of one that waits nothing is known, until one has come to its end.
    _ = state.take(.waiting(attempt(2, of: "orders"), "for pool p"), at: start + .seconds(150))
    #expect(state.expectedEnd(at: start + .seconds(150)) == nil)
    _ = state.take(.finished(attempt(3, of: "hr", .completed, seconds: 100)), at: start + .seconds(150))
    #expect(state.expectedEnd(at: start + .seconds(150)) == start + .seconds(500))
    _ = state.take(.finished(attempt(1, of: "crm", .completed)), at: start + .seconds(200))
    _ = state.take(.finished(attempt(2, of: "orders", .killed)), at: start + .seconds(200))
    #expect(state.expectedEnd(at: start + .seconds(200)) == nil)
  }

  @Test("the throughput is that of the last five minutes, and what an earlier life did is none of it")
  func throughput() {
    var state = ProgressState()
    var old = attempt(9, of: "old", .completed)
    old.bytes = 1_000_000_000_000
    _ = state.take(.restored(old), at: start)
    #expect(state.throughput(at: start) == nil)
    for step in 0...60 {
      let moment = start + .seconds(step * 10)
      _ = state.take(
        running(1, of: "crm", percent: 10, bytes: Int64(step) * (step < 20 ? 10 : 50)), at: moment)
    }
    #expect(state.bytes == 1_000_000_003_000)
    #expect(state.throughput(at: start + .seconds(600)) == 5)
    #expect(state.throughput(at: start + .seconds(3600)) == nil)
  }

  @Test("a percentage alone is no news; that a job stops or goes on is")
  func news() {
    var state = ProgressState()
    func word(_ event: RunEvent) -> String? { state.take(event, at: start)?.word }
    #expect(word(.submitted(attempt(1, of: "crm"))) == "started")
    var waits = attempt(1, of: "crm")
    waits.jobs = [JobSummary(jobId: 1, status: .waiting)]
    #expect(state.take(.changed(waits, waits.jobs[0]), at: start)?.stage == .queued)
    #expect((state[.queued], state[.running]) == (1, 0))
    #expect(word(running(1, of: "crm", percent: 10)) == nil)
    #expect(word(running(1, of: "crm", percent: 20)) == nil)
    var held = attempt(1, of: "crm")
    var job = JobSummary(jobId: 1, status: .pending)
    for (reason, isNews) in [("no tape", true), ("no tape", false), ("no drive", true)] {
      job.pendingReason = reason
      held.jobs = [job]
      #expect((word(.changed(held, job)) == "pending") == isNews)
    }
    #expect(word(running(1, of: "crm", percent: 30)) == "running")
    #expect(word(.finished(attempt(1, of: "crm", .failedToStart))) == "failed to start")
  }

  @Test(
    "without a terminal each target that stands otherwise has a line, and every five minutes all have one")
  func log() {
    var state = ProgressState()
    var log = ProgressLog(view, from: start)
    func line(_ event: RunEvent) -> String? {
      state.take(event, at: start + .seconds(60)).flatMap { log.line($0) }
    }
    #expect(line(.waiting(attempt(1, of: "crm"), "for pool p")) == "rds a/b/crm: waiting: for pool p")
    var waits = attempt(4, of: "waits")
    waits.jobs = [JobSummary(jobId: 1, status: .queued)]
    #expect(line(.changed(waits, waits.jobs[0])) == nil)
    #expect(line(running(4, of: "waits", percent: 3)) == nil)
    #expect(line(.finished(attempt(4, of: "waits", .completed))) == "rds a/b/waits: completed, 1m 00s")
    var submitted = attempt(1, of: "crm")
    submitted.levelAsked = "FULL"
    submitted.jobIds = ["7", "8"]
    #expect(line(.submitted(submitted)) == "rds a/b/crm FULL: started, jobs 7, 8")
    var job = JobSummary(jobId: 7, status: .suspended)
    job.pendingReason = "by an\noperator\u{7}"
    submitted.jobs = [job]
    #expect(line(.changed(submitted, job)) == "rds a/b/crm FULL: suspended: by an operator\\u{7}")
    var failed = attempt(1, of: "crm", .failed)
    failed.bytes = 5_000_000
    failed.reason = "no capacity"
    #expect(line(.finished(failed)) == "rds a/b/crm: failed, 1m 00s, 5.0 MB: no capacity")
    #expect(line(.finished(attempt(2, of: "hr", .skipped))) == "rds a/b/hr: skipped")
    #expect(log.beat(state, at: start + .seconds(299)) == nil)
    #expect(
      log.beat(state, at: start + .seconds(300))
        == "1 not good · 1 good · 1 skipped · 5m 00s · 20.8 kB/s · 5.0 MB")
    #expect(log.beat(state, at: start + .seconds(599)) == nil)
    #expect(log.beat(state, at: start + .seconds(1300)) != nil)
    #expect(log.beat(state, at: start + .seconds(1499)) == nil)
  }
}
