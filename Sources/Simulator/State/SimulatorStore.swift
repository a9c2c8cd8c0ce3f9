/// Where a simulated Command Center keeps what outlives a restart.
public protocol SimulatorStore: Sendable {
  /// All that is kept, in any order.
  func load() throws(StateError) -> [StateRecord]

  /// Keeps all of the changes or none. They outlive the process once this returns.
  func save(_ changes: [StateRecord]) throws(StateError)
}

/// Why a state cannot be used.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let description: String

  public init(_ description: String) { self.description = description }
}
