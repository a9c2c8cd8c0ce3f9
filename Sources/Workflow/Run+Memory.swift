internal import Clock
internal import Journal

extension Run {
  /// What earlier runs of the script have remembered, as this run found it at first: a later life of it reads the
  /// same. Called with a hold on the clock.
  ///
  /// - Returns: nil for nothing.
  public func recall(_ name: String, place: String?) async throws(RunStop) -> [UInt8]? {
    guard let ledger else { return nil }
    let key = "recall:\(name)"
    if let record = try ledger.replay(key, argumentsHash: "", place: place), record.state == .done {
      return record.result.flatMap { $0.isEmpty ? nil : $0 }
    }
    let value = try await ledger.memory(name)
    let now = clock.now
    try await ledger.write([
      .begin(NewStep(key: key, kind: .step, place: place, startedAt: now)),
      .settle(step: key, .done, result: value ?? [], at: now),
    ])
    return value
  }

  /// Keeps something for the script's next runs.
  public func remember(_ name: String, _ value: [UInt8]) async throws(RunStop) {
    try await ledger?.write([.remember(name, value, at: clock.now)])
  }
}
