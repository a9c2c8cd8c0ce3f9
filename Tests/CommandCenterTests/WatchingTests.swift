import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTypes
import Simulator
import Synchronization
import Testing

@Suite("The shared watcher")
struct WatchingTests {
  @Test("Two hundred jobs are watched with one question at a time, and end in order")
  func many() async throws {
    let stage = try Stage()
    let collected = Collected<JobSummary>()
    try await stage.run { stage in
      await stage.all(1...200) { id in
        if let end = try? await stage.backUp(Payload.dynamodb(id, "FULL")) { collected.add(end) }
      }
    }
    let jobs = collected.all
    #expect(jobs.count == 200)
    #expect(jobs.allSatisfy { $0.status == .completed })
    let times = jobs.compactMap(\.jobEndTime)
    #expect(times == times.sorted())
    let view = stage.simulator.view
    #expect(view.count("POST", "/Login") == 1)
    // At most one question in two seconds by far: all night took well over an hour.
    #expect(view.count("POST", "/Jobs") < 500)
    #expect(view.count("GET", "/Job/{id}") == 0)
  }

  @Test("The same seed gives the same events at the same times")
  func determinism() async throws {
    func events(seed: UInt64) async throws -> [String] {
      let stage = try Stage(seed: seed, faults: "dynamodb/7:fail,dynamodb/9:pending=1h")
      let collected = Collected<String>()
      try await stage.run { stage in
        await stage.all(1...60) { id in
          let end = try? await stage.backUp(Payload.dynamodb(id))
          collected.add("\(stage.clock.now.nanoseconds) \(id) \(end?.status.name ?? "nothing")")
        }
      }
      return collected.all + ["\(stage.simulator.view.requests)"]
    }
    let first = try await events(seed: 3)
    #expect(try await events(seed: 3) == first)
    #expect(try await events(seed: 4) != first)
  }

  @Test("When nobody waits, nothing is asked")
  func idle() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      _ = try await stage.backUp(Payload.dynamodb(1))
      let before = stage.simulator.view.requestCount
      try await stage.clock.sleep(for: .seconds(86_400))
      #expect(stage.simulator.view.requestCount == before)
    }
  }

  @Test("A job that nobody waits for any more is not asked for")
  func unwatched() async throws {
    let stage = try Stage()
    let count = Collected<Int64>()
    try await stage.run { stage in
      let id = try #require(Int64(try await stage.center.submit(Payload.dynamodb(1)).jobIds[0]))
      let watch = await stage.center.watch(id, submitted: stage.clock.now) { _ in count.add(id) }
      try await stage.clock.sleep(for: .seconds(5))
      await stage.center.unwatch(watch)
      let before = stage.simulator.view.requestCount
      try await stage.clock.sleep(for: .seconds(86_400))
      #expect(stage.simulator.view.requestCount == before)
    }
    #expect(count.all.isEmpty)
  }

  @Test("A token that dies in the middle is renewed by the watcher")
  func expiry() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      let ids = try await stage.center.submit(Payload.dynamodb(1, "FULL")).jobIds
      try await stage.clock.sleep(for: .seconds(120))
      stage.simulator.expireTokens()
      guard case .ended(let end) = await stage.end(of: Int64(ids[0])!) else {
        Issue.record("something else came")
        return
      }
      #expect(end.status == .completed)
    }
    #expect(stage.simulator.view.count("POST", "/Login") == 2)
  }

  @Test("A job that cannot be seen at first is waited for", arguments: ["30s", "4m"])
  func hidden(time: String) async throws {
    let stage = try Stage(faults: "*:hidden=\(time)")
    let end = try await stage.run { try await $0.backUp(Payload.dynamodb(1)) }
    #expect(end?.status == .completed)
  }

  @Test("A job that ended while it was hidden is found")
  func hiddenToTheEnd() async throws {
    let stage = try Stage(faults: "*:failed_to_start,*:hidden=4m")
    let end = try await stage.run { try await $0.backUp(Payload.dynamodb(1)) }
    #expect(end?.status == .failedToStart)
  }

  @Test("A job that ended long ago is found at once")
  func old() async throws {
    let stage = try Stage()
    try await stage.run { stage in
      let id = try #require(try await stage.backUp(Payload.dynamodb(1))).jobId
      try await stage.clock.sleep(for: .seconds(100_000))
      let now = stage.clock.now
      let arrival = Arrival<JobEvent>(stage.clock)
      _ = await stage.center.watch(id) { arrival.come($0) }
      guard case .ended(let end) = await arrival.value() else {
        Issue.record("something else came")
        return
      }
      #expect(end.jobId == id)
      #expect(stage.clock.now - now < .seconds(5))
    }
  }

  @Test("A job that the server never heard of is lost after minutes, not hours")
  func unknown() async throws {
    let stage = try Stage()
    let start = stage.clock.now
    try await stage.run { stage in
      let arrival = Arrival<JobEvent>(stage.clock)
      _ = await stage.center.watch(999_999) { arrival.come($0) }
      guard case .lost(nil) = await arrival.value() else {
        Issue.record("something else came")
        return
      }
    }
    #expect(stage.clock.now - start < .seconds(600))
  }

  @Test("Pausing, resuming and killing are told to who waits")
  func actions() async throws {
    let stage = try Stage()
    let seen = Collected<String>()
    try await stage.run { stage in
      let id = try #require(Int64(try await stage.center.submit(Payload.dynamodb(1, "FULL")).jobIds[0]))
      let done = Arrival<Void>(stage.clock)
      _ = await stage.center.watch(id, submitted: stage.clock.now, progressEvery: .seconds(20)) { event in
        switch event {
        case .changed(let job): seen.add(job.status.name)
        case .ended(let job):
          seen.add(job.status.name)
          done.come(())
        case .lost: seen.add("lost")
        }
      }
      try await stage.clock.sleep(for: .seconds(100))
      try await stage.center.pause(id)
      try await stage.clock.sleep(for: .seconds(1000))
      try await stage.center.resume(id)
      try await stage.clock.sleep(for: .seconds(100))
      try await stage.center.kill(id)
      await done.value()
    }
    var order: [String] = []
    for status in seen.all where order.last != status { order.append(status) }
    #expect(order.first == "Waiting" || order.first == "Running")
    #expect(order.contains("Suspended"))
    #expect(order.last == "Killed")
  }

  @Test("What cannot be done to a job is a typed error")
  func refusedActions() async throws {
    let stage = try Stage()
    let error = await #expect(throws: CommandCenterError.self) {
      try await stage.run { try await $0.center.resume(1) }
    }
    #expect(error?.kind == .rejected)
  }

  @Test("Changes come about as often as asked for")
  func progress() async throws {
    let stage = try Stage()
    let percents = Collected<Int64>()
    try await stage.run { stage in
      let id = try #require(Int64(try await stage.center.submit(Payload.dynamodb(1, "FULL")).jobIds[0]))
      let done = Arrival<Void>(stage.clock)
      _ = await stage.center.watch(id, submitted: stage.clock.now, progressEvery: .seconds(30)) { event in
        if case .changed(let job) = event { percents.add(job.percentComplete) } else { done.come(()) }
      }
      await done.value()
    }
    #expect(percents.all.count > 10)
    #expect(percents.all == percents.all.sorted())
  }

  @Test("An unknown status is told once and polled on")
  func unknownStatus() async throws {
    let stage = try Stage(faults: "*:status=Frobnicating")
    try await stage.run { stage in
      let id = try #require(Int64(try await stage.center.submit(Payload.dynamodb(1)).jobIds[0]))
      let done = Arrival<JobEvent>(stage.clock)
      _ = await stage.center.watch(id, submitted: stage.clock.now, progressEvery: .seconds(30)) { event in
        if case .changed = event { return }
        done.come(event)
      }
      guard case .ended(let job) = await done.value() else {
        Issue.record("something else came")
        return
      }
      #expect(job.status == .completed)
    }
    let told = stage.told.all.filter {
      if case .unknownStatus(_, "Frobnicating") = $0 { true } else { false }
    }
    #expect(told.count == 1)
  }

  @Test("A server that is away for an hour is waited for, and told of once")
  func outage() async throws {
    let stage = try Stage()
    let away = Stage.evening + .seconds(60)
    stage.wire.disturb { [clock = stage.clock] _ in
      (away..<away + .seconds(3600)).contains(clock.now) ? .refused : nil
    }
    let end = try await stage.run { try await $0.backUp(Payload.dynamodb(1)) }
    #expect(end?.status == .completed)
    let told = stage.told.all
    #expect(told.count == 2)
    if case .outageBegan(let error) = told.first { #expect(error.kind == .unreachable) }
    if case .outageEnded(let duration) = told.last { #expect(duration > .seconds(3000)) }
    // Backing off: far fewer tries than one in two seconds.
    #expect(await stage.center.traffic.polls < 200)
  }

  @Test("Two who wait for one job are both told")
  func shared() async throws {
    let stage = try Stage()
    let ends = Collected<Int64>()
    try await stage.run { stage in
      let id = try #require(Int64(try await stage.center.submit(Payload.dynamodb(1)).jobIds[0]))
      await stage.all(1...2) { _ in
        if case .ended(let job) = await stage.end(of: id) { ends.add(job.jobId) }
      }
    }
    #expect(ends.all.count == 2)
  }

  @Test("A client with an executor of its own works on a real clock, too")
  func realClock() async throws {
    let clock = SystemClock()
    let simulator = Simulator(clock: clock, faults: try FaultPlan.parse("*:failed_to_start"))
    let center = CommandCenter(
      name: "real", endpoint: Endpoint(authority: "center.example"),
      credentials: .password(user: "simulator", password: Secret("simulator")),
      transport: Wire(simulator), clock: clock)
    let ids = try await center.submit(Payload.dynamodb(1)).jobIds
    let job = try await center.job(Int64(ids[0])!)
    #expect(job?.status == .waiting)
  }
}

/// What several branches collect, in the order in which it comes.
final class Collected<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])
  func add(_ item: Item) { items.withLock { $0.append(item) } }
  var all: [Item] { items.withLock { $0 } }
}
