import Clock
import CommandCenter
import CommandCenterAPI
internal import Glibc
internal import Synchronization

/// Names of what a Command Center looks after, as far as they are known. What is not is asked for in the
/// background, so that it is there the next time.
final class TargetNames: Sendable {
  private struct Key: Hashable {
    var commcell: String
    var level: String
    var client: String
  }

  private let clock: any RunClock
  private let executor: any TaskExecutor
  private let known = Mutex<[Key: [Entity]]>([:])
  private let asked = Mutex<Set<Key>>([])

  init(_ clock: any RunClock, executor: any TaskExecutor) {
    self.clock = clock
    self.executor = executor
  }

  /// The names of that level, of the client and the instance that are given.
  func names(
    _ level: EntityLevel, client: String?, given: [String: String], at center: CommandCenter
  ) -> [String] {
    if level != .client, client?.isEmpty ?? true { return [] }
    let key = Key(
      commcell: center.name, level: "\(level)", client: level == .client ? "" : client ?? "")
    ask(key, level, center)
    // A server that is near, or the simulated one, has answered in no time.
    var tries = 0
    while tries < 15, known.withLock({ $0[key] }) == nil {
      usleep(10_000)
      tries += 1
    }
    let instance = given["instanceName"] ?? given["instance"]
    let entities = (known.withLock { $0[key] } ?? []).filter { entity in
      level == .client || level == .instance
        || instance.map { $0.isEmpty || entity.instanceName == $0 } ?? true
    }
    return entities.compactMap { $0.name(level) }
  }

  private func ask(_ key: Key, _ level: EntityLevel, _ center: CommandCenter) {
    guard known.withLock({ $0[key] }) == nil, asked.withLock({ $0.insert(key).inserted }) else { return }
    clock.hold()
    Task(executorPreference: executor) { [self] in
      // What cannot be asked for now can the next time.
      if let found = try? await Self.entities(level, ofClient: key.client, center) {
        known.withLock { $0[key] = found }
      }
      asked.withLock { _ = $0.remove(key) }
      clock.release()
    }
  }

  private static func entities(
    _ level: EntityLevel, ofClient name: String, _ center: CommandCenter
  ) async throws(CommandCenterError) -> [Entity] {
    let clients = try await center.clients()
    guard level != .client else { return clients }
    guard let client = clients.first(where: { $0.clientName == name || $0.displayName == name }) else {
      return []
    }
    switch level {
    case .client: return clients
    case .instance: return try await center.instances(ofClient: client.clientId)
    case .backupset: return try await center.backupsets(ofClient: client.clientId)
    case .subclient: return try await center.subclients(ofClient: client.clientId)
    }
  }
}
