import Clock
import CommandCenter
import HTTPTypes
import LuaVM
import Scripting
import Simulator
import SimulatorServer
import Synchronization
import Workflow

/// Simulated Command Centers of one run, one for each name that the script uses.
final class SimulatedCommcells: Commcells {
  private struct Entry {
    let simulator: Simulator
    let center: CommandCenter
  }

  private let entries = Mutex<[String: Entry]>([:])
  private let counts = Mutex<[String]>([])
  private let faults: FaultPlan
  private let make: @Sendable (String) throws(StateError) -> (Simulator, CommandCenter)
  private let profiles: Profiles

  /// - Parameters:
  ///   - profiles: whose limits a simulated Command Center of that name keeps, and whose secrets are named.
  ///   - stateFile: where they are kept, to outlive the process; nil keeps nothing.
  ///   - executor: the run's one thread.
  init(
    clock: any RunClock, seed: UInt64, faults: FaultPlan, limits: HourlyLimits, inventory: Inventory?,
    profiles: Profiles, stateFile: String?,
    executor: any SerialExecutor, observer: @escaping @Sendable (String, String, CommandCenterEvent) -> Void
  ) {
    self.profiles = profiles
    self.faults = faults
    make = { name throws(StateError) in
      let profile = name == Commcell.defaultName ? profiles.own : profiles.all.first { $0.name == name }
      var settings = SimulatorSettings()
      settings.limits = limits.isUnlimited ? HourlyLimits(profile?.budget ?? .none) : limits
      if name != Commcell.defaultName { settings.name = name }
      settings.jobListsAreWrites = profile?.jobListsAreWrites ?? false
      let simulator: Simulator
      if let stateFile {
        let path = name == Commcell.defaultName ? stateFile : "\(stateFile).\(name)"
        simulator = try Simulator(
          clock: clock, seed: seed, faults: faults, inventory: inventory, settings: settings,
          store: try StateFile(path: path))
      } else {
        simulator = Simulator(
          clock: clock, seed: seed, faults: faults, inventory: inventory, settings: settings)
      }
      let center = CommandCenter(
        name: name, endpoint: Endpoint(authority: "simulator"),
        credentials: .password(user: settings.user, password: Secret(settings.password)),
        transport: InProcess(simulator: simulator), clock: clock, executor: executor,
        limits: profile?.limits ?? .none, settle: profile?.settle ?? .seconds(60),
        patience: profile.map(\.timeout) ?? CommandCenter.usualPatience,
        marking: profile?.marking ?? SubmitMarking(), observer: { observer(name, name, $0) })
      return (simulator, center)
    }
  }

  func center(_ name: String?) throws(LuaFailure) -> CommandCenter {
    let name = name ?? Commcell.defaultName
    if let known = entries.withLock({ $0[name] }) { return known.center }
    do throws(StateError) {
      let (simulator, center) = try make(name)
      // Asked for on the machine's one thread, so nobody has made it meanwhile.
      entries.withLock { $0[name] = Entry(simulator: simulator, center: center) }
      return center
    } catch {
      throw LuaFailure(LuaFailure.noCommcell, "\(error)")
    }
  }

  func permit(_ center: CommandCenter) async throws(LuaFailure) {}

  func secret(_ name: String) throws(LuaFailure) -> SecretSource {
    // A rehearsal has none, and fetches none.
    try profiles.own?.secret(name) ?? .environment(name)
  }

  func close() async {
    // Where requests are counted out, the recap tells how they were spent, by the simulator's own count.
    for entry in entries.withLock({ $0 }).sorted(by: { $0.key < $1.key }).map(\.value) {
      let view = entry.simulator.view
      guard view.writes.limit != nil || view.reads.limit != nil else { continue }
      let traffic = await entry.center.traffic
      let text = "\(traffic.text); \(view.writes.text("writes")), \(view.reads.text("reads"))"
      counts.withLock { $0.append(text) }
    }
  }

  var remarks: CommcellRemarks {
    let counts = counts.withLock { $0 }
    let simulators = entries.withLock { $0 }.sorted { $0.key < $1.key }.map(\.value.simulator)
    return CommcellRemarks(
      requests: counts.isEmpty ? nil : counts.joined(separator: "\n"), misses: faults.misses(in: simulators))
  }

  func isInvented(_ attempt: Attempt) -> Bool {
    guard let simulator = entries.withLock({ $0[attempt.commcell]?.simulator }) else { return false }
    return attempt.jobIds.contains { Int64($0).map { simulator.isInvented(jobId: $0) } ?? false }
  }
}

/// A simulator as a transport: the same bytes, no sockets.
private struct InProcess: Transport {
  let simulator: Simulator

  func send(_ request: HTTPRequest, body: [UInt8]) async throws(TransportError) -> (HTTPResponse, [UInt8]) {
    let point = CrashPoints.areWanted ? "\(request.method) \(request.path ?? "")" : ""
    CrashPoints.pass("before \(point)")
    let reply = simulator.reply(to: request, body: body)
    CrashPoints.pass("after \(point)")
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

extension SimulatorView.Usage {
  /// `at most 100 of 100 writes in an hour`
  fileprivate func text(_ noun: String) -> String {
    let limit = limit.map { "\(mostInAnHour) of \($0)" } ?? "\(mostInAnHour)"
    return "at most \(limit) \(noun) in an hour" + (refused > 0 ? ", \(refused) refused" : "")
  }
}

extension HourlyLimits {
  fileprivate init(_ budget: Profile.Budget) {
    self.init()
    if case .hourly(let writes, let reads) = budget { (self.writes, self.reads) = (writes, reads) }
  }

  fileprivate var isUnlimited: Bool { writes == nil && reads == nil }
}
