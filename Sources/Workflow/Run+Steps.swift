internal import Clock
internal import Journal

extension Run {
  /// Begins a step of the script's own. Called with a hold on the clock.
  ///
  /// - Returns: its result, where an earlier life of the run has done it; nil where it is to be done.
  public func beginStep(_ name: String, place: String?) async throws(RunStop) -> [UInt8]? {
    guard let ledger else { return nil }
    let key = "step:\(name)"
    if let record = try ledger.replay(key, argumentsHash: "", place: place) {
      // One that has begun and not ended is done again.
      return record.state == .done ? record.result : nil
    }
    try await ledger.write([.begin(NewStep(key: key, kind: .step, place: place, startedAt: clock.now))])
    return nil
  }

  /// Writes down what a step of the script's own gave: JSON in UTF-8.
  public func endStep(_ name: String, result: [UInt8]) async throws(RunStop) {
    try await ledger?.write([.settle(step: "step:\(name)", .done, result: result, at: clock.now)])
  }
}
