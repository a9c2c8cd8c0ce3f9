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

  /// - Parameters:
  ///   - seed: the same seed makes the same night.
  ///   - inventory: what there is to back up. Nil means the demo, which grows to hold what submits name.
  public init(
    clock: any RunClock, seed: UInt64 = 1, faults: FaultPlan = FaultPlan(), inventory: Inventory? = nil,
    settings: SimulatorSettings = SimulatorSettings()
  ) {
    self.clock = clock
    var settings = settings
    if inventory != nil { settings.inventoryGrows = false }
    cell = Mutex(
      CommCell(seed: seed, faults: faults, inventory: inventory ?? .demo, settings: settings))
  }

  /// Answers a request, at once and completely. Callable from any thread; one request at a time is served.
  public func answer(_ request: HTTPRequest, body: [UInt8]) -> (HTTPResponse, [UInt8]) {
    let reply = reply(to: request, body: body)
    return (reply.response, reply.body)
  }

  /// Answers a request as ``answer(_:body:)`` does, and tells how faults of the wire want the answer to travel.
  public func reply(to request: HTTPRequest, body: [UInt8]) -> Reply {
    let now = clock.now
    let (answer, delivery) = cell.withLock { $0.reply(to: request, body, at: now) }
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

  /// Lets all tokens that logins were given die, as a restart of the server does.
  public func expireTokens() {
    cell.withLock { $0.accounts.expireTokens() }
  }
}
