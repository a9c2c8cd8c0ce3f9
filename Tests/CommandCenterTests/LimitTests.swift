import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTypes
import Simulator
import Synchronization
import Testing

/// A server that counts each hour as it slides by, and refuses what is too much.
final class Guarded: Transport {
  private struct State {
    var writes: [Moment] = []
    var reads: [Moment] = []
    var refused = 0
  }

  private let wire: Wire
  private let clock: VirtualClock
  private let limit: (writes: Int, reads: Int)
  private let jobListsAreWrites: Bool
  private let advice: HTTPFields
  private let state = Mutex(State())

  init(
    _ wire: Wire, _ clock: VirtualClock, writes: Int, reads: Int, lists: Bool = false,
    advice: HTTPFields = [:]
  ) {
    self.wire = wire
    self.clock = clock
    limit = (writes, reads)
    jobListsAreWrites = lists
    self.advice = advice
  }

  var refused: Int { state.withLock { $0.refused } }
  /// How many of both have come through.
  var passed: (writes: Int, reads: Int) { state.withLock { ($0.writes.count, $0.reads.count) } }

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    let now = clock.now
    let isList = request.path?.hasSuffix("/Jobs") == true
    let isWrite = request.method != .get && (!isList || jobListsAreWrites)
    let isTaken = state.withLock { state in
      let times = isWrite ? state.writes : state.reads
      let count = times.reversed().prefix { now - $0 <= .seconds(3600) }.count
      guard count < (isWrite ? limit.writes : limit.reads) else {
        state.refused += 1
        return false
      }
      if isWrite { state.writes.append(now) } else { state.reads.append(now) }
      return true
    }
    guard isTaken else {
      return (HTTPResponse(status: .tooManyRequests, headerFields: advice), Array("slow down".utf8))
    }
    return try await wire.send(request, body: body)
  }
}

@Suite("Limits of a server")
struct LimitTests {
  @Test("A night of jobs stays inside the SaaS limits, by the server's own count", arguments: [false, true])
  func night(lists: Bool) async throws {
    var limits = RateLimits.saas
    limits.jobListsAreWrites = lists
    let stage = try Stage(limits: limits) { wire, clock in
      Guarded(wire, clock, writes: 100, reads: 1000, lists: lists)
    }
    let ended = Collected<Int64>()
    try await stage.run { stage in
      let foretold = await stage.center.departure(ofLast: 300)
      await stage.all(1...300) { id in
        if let job = try? await stage.backUp(Payload.dynamodb(id, "FULL")) { ended.add(job.jobId) }
      }
      #expect(foretold - Stage.evening < .seconds(4 * 3600 + 60))
    }
    #expect(ended.all.count == 300)
    let forecasts = stage.told.all.compactMap { event -> (Int, Duration)? in
      if case .delayed(let waiting, let last, _) = event { (waiting, last - Stage.evening) } else { nil }
    }
    // Told once, when all had asked, and right about the hour.
    #expect(forecasts.count == 1)
    let (waiting, last) = try #require(forecasts.first)
    #expect(waiting > 150)
    #expect(last > .seconds(7200) && last < .seconds(4 * 3600 + 60))
    let guarded = try #require(stage.guarded)
    #expect(guarded.refused == 0)
    #expect(stage.simulator.view.jobs.count == 300)
  }

  @Test("Limits that nobody told beforehand are learnt, and no backup is lost or doubled")
  func learnt() async throws {
    var advice = HTTPFields()
    advice[HTTPField.Name("X-RateLimit-Limit")!] = "50"
    advice[HTTPField.Name("X-RateLimit-Period")!] = "3600"
    let stage = try Stage { wire, clock in Guarded(wire, clock, writes: 50, reads: 100_000, advice: advice) }
    try await stage.run { stage in
      await stage.all(1...120) { id in _ = try? await stage.center.submit(Payload.dynamodb(id)) }
    }
    #expect(stage.simulator.view.jobs.count == 120)
    #expect(await stage.center.limits.writes == .init(50, per: .seconds(3600)))
    // Those that were on their way when the limit was met, and a few tries: no storm.
    #expect(try #require(stage.guarded).refused < 120)
  }

  @Test(
    "A login is not made anew for each submit that waits, which would leave no room for it", arguments: 1...3)
  func starving(writes: Int) async throws {
    var settings = SimulatorSettings()
    settings.limits = HourlyLimits(writes: writes)
    let stage = try Stage(settings: settings)
    try await stage.run { stage in
      await stage.all(1...5) { id in _ = try? await stage.center.submit(Payload.dynamodb(id)) }
    }
    #expect(stage.simulator.view.jobs.count == 5)
    #expect(await stage.center.traffic.logins == 1)
  }

  @Test(
    "A token that died while nobody waited is replaced, however few writes the server grants",
    arguments: 1...2)
  func forgotten(writes: Int) async throws {
    var settings = SimulatorSettings()
    settings.limits = HourlyLimits(writes: writes)
    let stage = try Stage(settings: settings)
    try await stage.run { stage in
      for id in 1...3 {
        _ = try await stage.center.submit(Payload.dynamodb(id))
        try await stage.clock.sleep(for: .seconds(2 * 3600))
      }
    }
    #expect(stage.simulator.view.jobs.count == 3)
  }

  @Test("A submit that waits can be cancelled, or come too late; then nothing was sent")
  func cancelled() async throws {
    var limits = RateLimits()
    limits.writes = .init(2, per: .seconds(3600))
    let stage = try Stage(limits: limits)
    try await stage.run { stage in
      // The login counts, too.
      _ = try await stage.center.submit(Payload.dynamodb(1))
      let errors = Collected<CommandCenterError>()
      @Sendable func submit(latest: Moment?) async {
        do throws(CommandCenterError) {
          _ = try await stage.center.submit(Payload.dynamodb(2), latest: latest)
        } catch {
          errors.add(error)
        }
      }
      // One is cancelled while it stands in line.
      stage.clock.hold()
      let inLine = Task {
        await submit(latest: nil)
        stage.clock.release()
      }
      await stage.all(1...3) { index in
        switch index {
        case 1: await submit(latest: Stage.evening + .seconds(60))
        case 2:
          // One before it begins.
          withUnsafeCurrentTask { $0?.cancel() }
          await submit(latest: nil)
        default:
          try? await stage.clock.sleep(for: .seconds(600))
          inLine.cancel()
          await inLine.value
        }
      }
      #expect(errors.all.count == 3)
      #expect(Set(errors.all.map(\.kind)) == [.cancelled, .tooLate])
    }
    #expect(stage.simulator.view.jobs.count == 1)
    #expect(await stage.center.waitingRequests == 0)
  }

  @Test("A question is asked some times, then the refusal is an error")
  func questions() async throws {
    let stage = try Stage { wire, clock in Guarded(wire, clock, writes: 10, reads: 0) }
    let error = await #expect(throws: CommandCenterError.self) {
      try await stage.run { _ = try await $0.center.clients(refresh: true) }
    }
    #expect(error?.kind == .rateLimited)
    #expect(stage.guarded?.refused == 5)
  }
}

@Suite("Servers that are down")
struct DownTests {
  @Test("A server that says for how long it is down is not asked meanwhile")
  func retryAfter() async throws {
    final class Down: Transport {
      private let asked = Mutex(0)
      var count: Int { asked.withLock { $0 } }

      func send(
        _ request: HTTPRequest, body: [UInt8]
      ) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
        let number = asked.withLock { asked in
          asked += 1
          return asked
        }
        guard number > 1 else {
          return (HTTPResponse(status: .serviceUnavailable, headerFields: [.retryAfter: "120"]), [])
        }
        return (HTTPResponse(status: .ok), Array("{\"clientProperties\":[]}".utf8))
      }
    }
    let down = Down()
    let stage = try Stage(credentials: .token(Secret("t")), transport: down)
    try await stage.run { _ = try await $0.center.clients(refresh: true) }
    #expect(down.count == 2)
    #expect(stage.clock.now - Stage.evening >= .seconds(120))
  }
}

@Suite("Servers without POST /Jobs")
struct ListlessTests {
  @Test("Jobs are asked for one by one", arguments: [404, 405, 501])
  func fallback(status: Int) async throws {
    let stage = try Stage()
    stage.wire.disturb { request in
      request.path?.hasSuffix("/Jobs") == true
        ? .status(status, "{\"errorMessage\":\"no\",\"errorCode\":1}") : nil
    }
    let ended = Collected<Int64>()
    let start = stage.clock.now
    try await stage.run { stage in
      await stage.all(1...60) { id in
        if let job = try? await stage.backUp(Payload.dynamodb(id)) { ended.add(job.jobId) }
      }
    }
    #expect(Set(ended.all).count == 60)
    let asked = stage.simulator.view.count("GET", "/Job/{id}")
    // At most twenty in each look, and these four seconds apart.
    #expect(Double(asked) <= (stage.clock.now - start).inSeconds * 5 + 20)
    let warnings = stage.told.all.filter { if case .warning = $0 { true } else { false } }
    #expect(warnings.count == 1)
  }

  @Test("Once the server lists jobs, the lists are used again")
  func back() async throws {
    let stage = try Stage(faults: "*:slow=3h")
    let start = stage.clock.now
    stage.wire.disturb { [clock = stage.clock] request in
      request.path?.hasSuffix("/Jobs") == true && clock.now - start < .seconds(1200)
        ? .status(404, "") : nil
    }
    try await stage.run { stage in
      await stage.all(1...5) { id in _ = try? await stage.backUp(Payload.dynamodb(id)) }
    }
    #expect(stage.simulator.view.count("POST", "/Jobs") > 50)
  }
}
