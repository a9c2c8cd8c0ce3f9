public import Clock
import CommandCenterAPI
public import HTTPTypes
import Synchronization

/// A Command Center in memory, on any clock: it answers requests as a real one would, by what API pages and
/// recorded answers tell of them.
///
/// It keeps no timers: a job's state follows from its timeline and the moment it is asked at. What becomes of
/// a backup depends on the seed, its target, its level and how often that was submitted, but not on the order
/// in which different targets are.
public final class Simulator: Sendable {
  private let clock: any RunClock
  private let cell: Mutex<CommCell>
  private let store: (any SimulatorStore)?

  /// - Parameters:
  ///   - seed: the same seed makes the same night.
  ///   - inventory: what there is to back up. Nil means the demo, which grows to hold what submits name.
  public init(
    clock: any RunClock, seed: UInt64 = 1, faults: FaultPlan = FaultPlan(), inventory: Inventory? = nil,
    settings: SimulatorSettings = SimulatorSettings()
  ) {
    self.clock = clock
    store = nil
    cell = Mutex(Self.cell(seed, faults, inventory, settings))
  }

  /// One that outlives its process: it goes on from what is kept, and what changes is kept before an answer
  /// tells of it. Faults, requests and limits are counted anew.
  ///
  /// - Parameters:
  ///   - clock: one that goes on from where the earlier one stopped, or later.
  ///   - inventory: the same as when the state began.
  ///   - store: where it is kept.
  public init(
    clock: any RunClock, seed: UInt64 = 1, faults: FaultPlan = FaultPlan(), inventory: Inventory? = nil,
    settings: SimulatorSettings = SimulatorSettings(), store: any SimulatorStore
  ) throws(StateError) {
    self.clock = clock
    self.store = store
    var cell = Self.cell(seed, faults, inventory, settings)
    try cell.restore(try store.load())
    try store.save(cell.takeChanges())
    cell.changesWereSaved()
    self.cell = Mutex(cell)
  }

  private static func cell(
    _ seed: UInt64, _ faults: FaultPlan, _ inventory: Inventory?, _ settings: SimulatorSettings
  ) -> CommCell {
    var settings = settings
    if inventory != nil { settings.inventoryGrows = false }
    return CommCell(seed: seed, faults: faults, inventory: inventory ?? .demo, settings: settings)
  }

  /// Answers a request, at once and completely. Callable from any thread; one request at a time is served.
  public func answer(_ request: HTTPRequest, body: [UInt8]) -> (HTTPResponse, [UInt8]) {
    let reply = reply(to: request, body: body)
    return (reply.response, reply.body)
  }

  /// Answers a request as ``answer(_:body:)`` does, and tells how faults of the wire want the answer to travel.
  public func reply(to request: HTTPRequest, body: [UInt8]) -> Reply {
    let now = clock.now
    let (answer, delivery) = cell.withLock { cell in
      let reply = cell.reply(to: request, body, at: now)
      // What could not be kept must not be told: nobody knows then whether it happened, as with a real server
      // that dies in the middle.
      return keep(&cell) ? reply : (reply.0, .closed)
    }
    var fields = answer.fields
    fields[.contentType] = answer.contentType
    return Reply(
      response: HTTPResponse(status: answer.status, headerFields: fields), body: answer.body,
      delivery: delivery)
  }

  /// What has been asked and submitted so far.
  public var view: SimulatorView {
    let now = clock.now
    return cell.withLock { $0.view(at: now) }
  }

  /// Whether the job's target stood in no inventory but was made up for its submit.
  public func isInvented(jobId: Int64) -> Bool {
    cell.withLock { $0.isInvented(jobId: jobId) }
  }

  /// The targets that were made up for submits, as these named them, in the order of their first jobs.
  public var inventedTargets: [String] {
    cell.withLock { $0.inventedTargets }
  }

  /// How often each rule of the plan of faults has matched.
  var faultCounts: [Int] {
    cell.withLock { cell in zip(cell.faults.counts, cell.wireFaults.counts).map { $0 + $1 } }
  }

  /// What was submitted, each target once.
  var submittedSubjects: [FaultPlan.Subject] {
    cell.withLock { cell in
      Set(cell.book.jobs.map(\.subclient)).sorted().map { FaultPlan.Subject($0, in: cell.inventory) }
    }
  }

  /// An access token as somebody makes one in the Command Center, with what renews it.
  public func makeAccessToken() -> AccessTokenPair {
    cell.withLock { cell in
      defer { _ = keep(&cell) }
      return cell.accounts.accessTokens.make(at: clock.now)
    }
  }

  /// Lets all tokens die that were handed out. Access tokens can be renewed then.
  public func expireTokens() {
    cell.withLock { cell in
      cell.accounts.expireTokens(at: clock.now)
      _ = keep(&cell)
    }
  }

  /// Keeps what has changed.
  ///
  /// - Returns: whether that worked; else it is tried again with the next changes.
  private func keep(_ cell: inout CommCell) -> Bool {
    guard let store else { return true }
    let changes = cell.takeChanges()
    guard !changes.isEmpty else { return true }
    guard (try? store.save(changes)) != nil else { return false }
    cell.changesWereSaved()
    return true
  }
}
