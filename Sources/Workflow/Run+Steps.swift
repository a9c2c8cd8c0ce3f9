public import Clock
internal import CommandCenterAPI
internal import Journal

/// What the journal has of a step that an earlier life of the run has done.
public struct KeptStep: Sendable {
  /// JSON in UTF-8.
  public var result: [UInt8]
  public var ended: Moment
  /// Something that it has submitted is still open, and what becomes of it is known to its function only.
  public var isOpen = false
}

/// A race of branches, or a time-out over one, as the journal has it.
public struct Race: Sendable {
  let key: String
  /// When it began, in whichever life of the run.
  public let began: Moment
  /// Who won it in an earlier life of the run: then nobody else may. Nil where that is open.
  public let winner: String?
  /// An earlier life of the run began it.
  public let isReplayed: Bool
}

extension Run {
  /// Begins a step of the script's own. Called with a hold on the clock.
  ///
  /// - Parameter losing: how its branch is cancelled, where it lost a race in an earlier life of the run: then only
  ///   what is done answers, and nothing is begun.
  ///   - scope: what the keys have of it that are made within.
  /// - Returns: what it gave, where an earlier life of the run has done it; nil where it is to be done.
  public func beginStep(
    _ name: String, scope: String, place: String?, losing: Withdrawal? = nil
  ) async throws(RunStop) -> KeptStep? {
    guard let ledger else { return nil }
    let key = "step:\(name)"
    let record = try ledger.replay(key, argumentsHash: "", place: place)
    if let record, record.state == .done, let result = record.result {
      var kept = KeptStep(result: result, ended: record.endedAt ?? record.startedAt)
      if let submits = ledger.takeSubmits(within: scope) {
        for record in submits { restore(record) }
      } else {
        kept.isOpen = true
      }
      return kept
    }
    if let losing {
      await losing.happened(clock)
      throw .withdrawn
    }
    // One that has begun and not ended is done again.
    if record != nil { return nil }
    try await ledger.write([.begin(NewStep(key: key, kind: .step, place: place, startedAt: clock.now))])
    return nil
  }

  /// A submit of a finished step, of which nobody asks again: the recap and the verdict have it.
  private func restore(_ record: StepRecord) {
    guard let attempt = Attempt(record), let result = record.result else { return }
    let backup = newBackup(attempt)
    bounds.countSubmit()
    guard backup.restore(result) else { return end(backup, .ambiguous, record.note) }
    tell(.restored(backup.attempt))
    if let reason = AttentionReason(restored: backup.attempt) { raise(reason) }
  }

  /// Writes down what a step of the script's own gave: JSON in UTF-8.
  public func endStep(_ name: String, result: [UInt8]) async throws(RunStop) {
    try await ledger?.write([.settle(step: "step:\(name)", .done, result: result, at: clock.now)])
  }

  /// A place without the folders of its file: a run that is taken up again has its texts from elsewhere.
  private static func line(_ place: String?) -> Substring {
    guard let place else { return "?" }
    return place.split(separator: "/").last ?? "?"
  }

  // MARK: sleeps

  /// Shorter sleeps are not written down: a run that is taken up again sleeps them once more.
  public static let shortestKeptSleep = Duration.seconds(10)

  /// Writes down that a branch sleeps. Called with a hold on the clock.
  ///
  /// - Returns: until when. A run that is taken up again sleeps what is left of it.
  ///
  /// - Parameter key: its line, and the branch that it is in.
  public func beginSleep(_ duration: Duration, key line: String?, place: String?) async throws(RunStop)
    -> Moment
  {
    let end = clock.now + duration
    guard let ledger, duration >= Self.shortestKeptSleep else { return end }
    let key = ledger.nextKey(Self.sleepName(duration, line))
    if let record = try ledger.replay(key, argumentsHash: "", place: place) {
      return record.startedAt + duration
    }
    try await ledger.write([
      .begin(NewStep(key: key, kind: .sleep, place: place, startedAt: clock.now)),
      .settle(step: key, .done, at: end),
    ])
    return end
  }

  /// Until when the sleep lasts that a branch is about to begin, where an earlier life of the run has begun it.
  public func knownEnd(ofSleep duration: Duration, key line: String?) -> Moment? {
    guard duration >= Self.shortestKeptSleep else { return nil }
    return ledger?.upcoming(Self.sleepName(duration, line)).map { $0.startedAt + duration }
  }

  private static func sleepName(_ duration: Duration, _ line: String?) -> String {
    "sleep:\(DurationText.short(duration)) \(Self.line(line))"
  }

  // MARK: races

  /// Begins a race, or a time-out. Called with a hold on the clock.
  ///
  /// - Parameters:
  ///   - what: `race` or `timeout`.
  ///   - line: its line, and the branch that it is in.
  /// - Returns: nil without a journal.
  public func beginRace(_ what: String, key line: String?, place: String?) async throws(RunStop) -> Race? {
    guard let ledger else { return nil }
    let key = ledger.nextKey("\(what) \(Self.line(line))")
    if let record = try ledger.replay(key, argumentsHash: "", place: place) {
      let winner = record.state == .done ? record.result.map { String(decoding: $0, as: UTF8.self) } : nil
      return Race(key: key, began: record.startedAt, winner: winner, isReplayed: true)
    }
    let began = clock.now
    try await ledger.write([.begin(NewStep(key: key, kind: .value, place: place, startedAt: began))])
    return Race(key: key, began: began, winner: nil, isReplayed: false)
  }

  /// Writes down who won, before the script hears of it.
  public func end(_ race: Race, winner: String) async throws(RunStop) {
    guard race.winner == nil else { return }
    try await ledger?.write([.settle(step: race.key, .done, result: Array(winner.utf8), at: clock.now)])
  }

  // MARK: chance

  /// A number from 0 to 1 that is the same in each life of the run: the `count`th of what stands at `place`.
  public func chance(_ what: String, place: String?, _ count: Int) -> Double {
    let name = "\(ledger.map { "\($0.run)" } ?? "") \(what) \(Self.line(place)) \(count)"
    // FNV-1a, and its high bits, which are the well mixed ones.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    hash &*= 0x9E37_79B9_7F4A_7C15
    return Double(hash >> 11) / Double(1 << 53)
  }
}
