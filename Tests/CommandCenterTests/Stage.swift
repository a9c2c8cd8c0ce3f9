import Clock
import CommandCenter
import CommandCenterAPI
import Dispatch
import HTTPTypes
import Simulator
import Synchronization

/// A client, a simulator and a virtual clock, all on one executor, as a simulated run has them.
actor Stage {
  nonisolated let clock: VirtualClock
  nonisolated let simulator: Simulator
  nonisolated let wire: Wire
  nonisolated let center: CommandCenter
  nonisolated let told = Log()
  /// What stands between the client and the wire, where a test wants limits.
  nonisolated let guarded: Guarded?
  private let line = Line()

  static let evening = Moment(unixSeconds: 1_790_000_000 as Int64)

  init(
    seed: UInt64 = 1, faults: String = "", settings: SimulatorSettings = SimulatorSettings(),
    inventory: Inventory? = nil,
    credentials: Credentials = .password(user: "simulator", password: Secret("simulator")),
    limits: RateLimits = .none, transport: (any Transport)? = nil,
    guarding: ((Wire, VirtualClock) -> Guarded)? = nil
  ) throws {
    clock = VirtualClock(start: Self.evening)
    simulator = Simulator(
      clock: clock, seed: seed, faults: try FaultPlan.parse(faults), inventory: inventory, settings: settings)
    wire = Wire(simulator)
    guarded = guarding?(wire, clock)
    center = CommandCenter(
      name: "test", endpoint: Endpoint(authority: "center.example"), credentials: credentials,
      transport: transport ?? guarded ?? wire, clock: clock, executor: line, limits: limits
    ) { [told] event in told.add(event) }
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { line.asUnownedSerialExecutor() }

  /// Runs a test on the stage, with a hold on the clock.
  func run<Value: Sendable>(_ body: @Sendable (Stage) async throws -> Value) async throws -> Value {
    clock.hold()
    defer { clock.release() }
    // A task that has slept comes back by way of the executor it prefers.
    return try await withTaskExecutorPreference(line) { try await body(self) }
  }

  /// Runs `body` for each item at once and waits for all.
  func all<Item: Sendable>(
    _ items: some Sequence<Item>, _ body: @escaping @Sendable (Item) async -> Void
  ) async {
    let items = Array(items)
    let done = Arrival<Void>(clock)
    let left = Countdown(items.count)
    for item in items {
      clock.hold()
      Task(executorPreference: line) {
        // On the stage: it captures self.
        _ = self
        await body(item)
        if left.decrement() == 0 { done.come(()) }
        self.clock.release()
      }
    }
    if !items.isEmpty { await done.value() }
  }

  /// Waits until a job has ended.
  nonisolated func end(of job: Int64) async -> JobEvent {
    let arrival = Arrival<JobEvent>(clock)
    _ = await center.watch(job, submitted: clock.now) { event in
      if case .changed = event { return }
      arrival.come(event)
    }
    return await arrival.value()
  }

  /// Submits and waits.
  nonisolated func backUp(_ payload: [UInt8]) async throws -> JobSummary? {
    let ids = try await center.submit(payload).jobIds
    guard case .ended(let summary) = await end(of: Int64(ids[0])!) else { return nil }
    return summary
  }
}

/// A count that tasks share.
final class Countdown: Sendable {
  private let count: Mutex<Int>
  init(_ count: Int) { self.count = Mutex(count) }

  func decrement() -> Int {
    count.withLock { count in
      count -= 1
      return count
    }
  }
}

/// Something that comes once, and one who waits for it.
final class Arrival<Value: Sendable>: Sendable {
  private enum State {
    case nothing
    case here(Value)
    case awaited(@Sendable (Value) -> Void)
  }

  private let clock: VirtualClock
  private let state = Mutex(State.nothing)

  init(_ clock: VirtualClock) { self.clock = clock }

  func come(_ value: Value) {
    let wake = state.withLock { state -> (@Sendable (Value) -> Void)? in
      if case .awaited(let wake) = state { return wake }
      state = .here(value)
      return nil
    }
    wake?(value)
  }

  func value() async -> Value {
    await clock.park { wake in
      let value = state.withLock { state -> Value? in
        if case .here(let value) = state { return value }
        state = .awaited(wake)
        return nil
      }
      if let value { wake(value) }
    }
  }
}

/// What the client has told besides answers.
final class Log: Sendable {
  private let events = Mutex<[CommandCenterEvent]>([])
  func add(_ event: CommandCenterEvent) { events.withLock { $0.append(event) } }
  var all: [CommandCenterEvent] { events.withLock { $0 } }
}

/// One serial executor for everything.
final class Line: SerialExecutor, TaskExecutor {
  private let queue = DispatchQueue(label: "line")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      job.runSynchronously(
        isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
    }
  }
}

/// The way to a simulator in process, with accidents.
final class Wire: Transport {
  enum Accident: Sendable {
    /// Nothing is sent.
    case refused
    /// Nothing is sent, and the next try fails the same way.
    case distrusted
    /// The server gets it, and its answer is lost.
    case answerLost
    /// Something on the way answers.
    case status(Int, String)
  }

  private let simulator: Simulator
  private let accident = Mutex<(@Sendable (HTTPRequest) -> Accident?)?>(nil)

  init(_ simulator: Simulator) { self.simulator = simulator }

  /// Asks `choose` from now on what happens to each request.
  func disturb(_ choose: @escaping @Sendable (HTTPRequest) -> Accident?) {
    accident.withLock { $0 = choose }
  }

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    let choose = accident.withLock { $0 }
    switch choose?(request) {
    case nil: return simulator.answer(request, body: body)
    case .refused: throw TransportError("connection refused", mayHaveArrived: false)
    case .distrusted:
      throw TransportError("the certificate expired", mayHaveArrived: false, isLasting: true)
    case .answerLost:
      _ = simulator.answer(request, body: body)
      throw TransportError("connection reset", mayHaveArrived: true)
    case .status(let code, let text):
      return (HTTPResponse(status: HTTPResponse.Status(code: code)), Array(text.utf8))
    }
  }
}

/// Strikes the first `count` requests to `path` only.
func first(
  _ count: Int, to path: String, _ accident: Wire.Accident
) -> @Sendable (HTTPRequest) -> Wire.Accident? {
  let left = Countdown(count)
  return { request in
    guard request.path == "/commandcenter/api" + path, left.decrement() >= 0 else { return nil }
    return accident
  }
}

enum Payload {
  static func dynamodb(_ id: Int, _ level: String = "INCREMENTAL") -> [UInt8] {
    Array(
      """
      {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":\(id),\
      "applicationId":134}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,\
      "operationType":2},"options":{"backupOpts":{"backupLevel":"\(level)"}}}]}}
      """.utf8)
  }
}
