public import Clock
public import Journal

/// Sees to it that what the journal says is to be told is told: at least once, by whichever process comes first,
/// that of the run or a later one.
public struct Outbox: Sendable {
  private let store: any JournalStore
  private let clock: any RunClock
  private let courier: any Courier
  /// For so long nobody else tries the same: longer than one try can take.
  private static let lease = Duration.seconds(60)

  public init(_ store: any JournalStore, _ clock: any RunClock, _ courier: any Courier) {
    (self.store, self.clock, self.courier) = (store, clock, courier)
  }

  /// Tries once each message that is due.
  ///
  /// - Parameter run: only its messages; nil for those of all runs.
  /// - Returns: what could not be told and why, a sentence each. It stays in the journal.
  public func deliver(of run: RunID? = nil) async -> [String] {
    do throws(JournalError) {
      let now = clock.now
      let due = try await store.takeMessages(of: run, now: now, lease: now + Self.lease)
      return await withTaskGroup(of: String?.self) { group in
        for message in due { group.addTask { await deliver(message) } }
        return await group.reduce(into: []) { sentences, sentence in
          if let sentence { sentences.append(sentence) }
        }.sorted()
      }
    } catch {
      return ["what is to be told stays in the journal: \(error.description)"]
    }
  }

  /// Tries the messages of a run, again after a while where need be, as often as there are pauses.
  ///
  /// - Returns: what could still not be told.
  public func deliver(
    of run: RunID, pauses: [Duration], unless isInterrupted: @Sendable () -> Bool = { false }
  ) async -> [String] {
    var open = await deliver(of: run)
    for pause in pauses where !open.isEmpty && !isInterrupted() {
      clock.hold()
      try? await clock.sleep(for: pause)
      clock.release()
      open = await deliver(of: run)
    }
    return open
  }

  /// What of a run has not been told by now and why, a sentence each. It stays in the journal.
  public func undelivered(of run: RunID) async -> [String] {
    do throws(JournalError) {
      return try await store.messages(of: run).filter { $0.deliveredAt == nil }.map { record in
        let place = Letter(record.message.payload)?.place ?? "a message"
        return Self.sentence(place, run, record.lastError ?? "its server has not answered yet")
      }
    } catch {
      return ["what is to be told stays in the journal: \(error.description)"]
    }
  }

  private static func sentence(_ place: String, _ run: RunID, _ why: String) -> String {
    "\(place) could not be told of run \(run): \(why); it is kept and tried again with the next run or cvlua resume"
  }

  /// - Returns: nil where it has arrived.
  private func deliver(_ record: MessageRecord) async -> String? {
    guard let letter = Letter(record.message.payload) else {
      let sentence = "a message of run \(record.run) was written by another version of cvlua"
      return await note(.failed(sentence, retryAt: clock.now), record, sentence)
    }
    do throws(Undelivered) {
      try await courier.deliver(letter)
      return await note(.delivered(at: clock.now), record, nil)
    } catch {
      // Whoever tries again says when: at its own pace, or when it starts.
      return await note(
        .failed(error.sentence, retryAt: clock.now), record,
        Self.sentence(letter.place, record.run, error.sentence))
    }
  }

  /// - Returns: `sentence`. Where the disk fails, it is told again, which is better than never.
  private func note(_ delivery: Delivery, _ record: MessageRecord, _ sentence: String?) async -> String? {
    do throws(JournalError) {
      try await store.record(delivery, ofMessage: record.number)
    } catch {
      return sentence ?? "a message of run \(record.run) may be told twice: \(error.description)"
    }
    return sentence
  }
}
