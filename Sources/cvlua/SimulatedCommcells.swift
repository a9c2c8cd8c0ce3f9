import Clock
import CommandCenter
import HTTPTypes
import Scripting
import Simulator
import Synchronization
import Workflow

/// Simulated Command Centers of one run, one for each name that the script uses.
final class SimulatedCommcells: Sendable {
  private struct Entry {
    let simulator: Simulator
    let center: CommandCenter
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let make: @Sendable (String) -> (Simulator, CommandCenter)

  /// - Parameter executor: the run's one thread.
  init(
    clock: any RunClock, seed: UInt64, faults: FaultPlan, inventory: Inventory?,
    executor: any SerialExecutor, observer: @escaping @Sendable (String, CommandCenterEvent) -> Void
  ) {
    make = { name in
      let simulator = Simulator(clock: clock, seed: seed, faults: faults, inventory: inventory)
      let settings = SimulatorSettings()
      let center = CommandCenter(
        name: name, endpoint: Endpoint(authority: "simulator"),
        credentials: .password(user: settings.user, password: Secret(settings.password)),
        transport: InProcess(simulator: simulator), clock: clock, executor: executor,
        observer: { observer(name, $0) })
      return (simulator, center)
    }
  }

  /// The Command Center of that name; made at its first use.
  func center(_ name: String) -> CommandCenter {
    entries.withLock { entries in
      if let known = entries[name] { return known.center }
      let (simulator, center) = make(name)
      entries[name] = Entry(simulator: simulator, center: center)
      return center
    }
  }

  /// Whether the attempt's target was made up for its submit.
  func isInvented(_ attempt: Attempt) -> Bool {
    guard let simulator = entries.withLock({ $0[attempt.commcell]?.simulator }) else { return false }
    return attempt.jobIds.contains { Int64($0).map { simulator.isInvented(jobId: $0) } ?? false }
  }
}

/// A simulator as a transport: the same bytes, no sockets.
private struct InProcess: Transport {
  let simulator: Simulator

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    let reply = simulator.reply(to: request, body: body)
    // What a client of a real connection would see of it, which is less than what happened.
    let failure: String? =
      switch reply.delivery {
      case .whole, .slow: nil
      case .closed: "the connection was closed before an answer came"
      case .reset: "the connection was reset before an answer came"
      case .half: "the connection was closed in the middle of an answer"
      }
    if let failure { throw TransportError(failure, mayHaveArrived: true) }
    return (reply.response, reply.body)
  }
}
