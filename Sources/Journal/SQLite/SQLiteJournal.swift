public import Clock
internal import SQLite

/// A journal in a file of SQLite's, or in memory, which goes with the process.
///
/// The log (WAL) is synchronised at each commit, so that what a caller was told is on disk survives a power
/// cut. The file is opened at the first call; one of another kind, a newer one and a damaged one are refused
/// and left as they are.
public final class SQLiteJournal: JournalStore {
  private let writer: Writer
  private let locks: LockDirectory

  /// - Parameter file: made, with its directory, where it does not exist. Its locks lie beside it.
  public init(file: String, hooks: JournalHooks = JournalHooks()) {
    let file = JournalFile(path: file)
    writer = Writer(.file(file), hooks)
    locks = .files(file.locks)
  }

  /// Whether there is anything at that path. What only reads a journal should not make one.
  public static func isThere(_ file: String) -> Bool { JournalFile(path: file).isThere }

  /// The folder of a file that somebody named must be there: where its volume is gone, a new journal would know
  /// nothing of what runs.
  public static func requireFolder(of file: String) throws(JournalError) {
    try JournalFile(path: file).requireFolder()
  }

  /// A journal in memory. Its calls are done before they return, each in a transaction of its own.
  public init(inMemory hooks: JournalHooks) {
    writer = Writer(.memory, hooks)
    locks = .memory(LockSet())
  }

  public var statistics: JournalStatistics { writer.statistics }

  public func flush() async throws(JournalError) { try await writer.read { _ in } }

  public func close() async { await writer.close() }

  // MARK: Runs

  public func lock(script: String, work: String) async throws(JournalError) -> ScriptLock {
    let name = "script-" + ContentHash.of((script + "\0" + work).utf8).prefix(32)
    guard let lock = try locks.take(name, holder: Owner.current.description, for: writer.name) else {
      throw .scriptIsAlive(script: script, holder: locks.holder(of: name))
    }
    return ScriptLock(script: script, lock: lock)
  }

  public func create(_ run: NewRun, owner: Owner) async throws(JournalError) -> RunClaim {
    var random = SystemRandomNumberGenerator()
    while true {
      let id = run.id ?? RunID(startingAt: run.startedAt, using: &random)
      // The lock first: nobody sees a run that looks dead.
      guard let lock = try lock(id, for: owner) else {
        if run.id == nil { continue }
        throw .runIsAlive(run: id, holder: locks.holder(of: Self.lockName(id)))
      }
      do {
        let number = try await writer.write { db in (.created(id), try db.create(run, id, owner)) }
        return RunClaim(run: id, epoch: 1, number: number, lock: lock)
      } catch .runExists where run.id == nil {
        lock.release()
      }
    }
  }

  public func claim(_ run: RunID, owner: Owner) async throws(JournalError) -> RunClaim {
    guard let lock = try lock(run, for: owner) else {
      throw .runIsAlive(run: run, holder: locks.holder(of: Self.lockName(run)))
    }
    let (number, epoch) = try await writer.write { db in
      let claimed = try db.claim(run, owner)
      return (.claimed(run, epoch: claimed.epoch), claimed)
    }
    return RunClaim(run: run, epoch: epoch, number: number, lock: lock)
  }

  public func isAlive(_ run: RunID) async throws(JournalError) -> Bool {
    locks.isHeld(Self.lockName(run))
  }

  private func lock(_ run: RunID, for owner: Owner) throws(JournalError) -> HeldLock? {
    try locks.take(Self.lockName(run), holder: owner.description, for: writer.name)
  }

  /// Names come from the command line, too: none leads out of the directory.
  private static func lockName(_ run: RunID) -> String {
    "run-" + run.description.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" }
  }

  // MARK: Writing

  @discardableResult
  public func write(_ changes: [Change], by claim: RunClaim) async throws(JournalError) -> [String] {
    try await writer.write { db in
      try db.check(claim)
      return (.changes(claim.run, changes), try db.apply(changes, of: claim))
    }
  }

  public func request(
    _ permits: PermitRequest, writing changes: [Change], by claim: RunClaim
  ) async throws(JournalError) -> PermitAnswer {
    let locks = locks
    return try await writer.write { db in
      try db.check(claim)
      let (answer, isNew) = try db.request(permits, of: claim) { run in locks.isHeld(Self.lockName(run)) }
      let changes = isNew && answer == .granted ? changes : []
      try db.apply(changes, of: claim)
      return (.permits(claim.run, permits, answer, changes), answer)
    }
  }

  public func takeMessages(
    of run: RunID?, now: Moment, lease: Moment
  ) async throws(JournalError) -> [MessageRecord] {
    try await writer.write { db in
      let messages = try db.takeMessages(of: run, now: now, lease: lease)
      return (.messages(messages.map(\.number)), messages)
    }
  }

  public func record(_ delivery: Delivery, ofMessage number: Int) async throws(JournalError) {
    try await writer.write { db in (.messages([number]), try db.record(delivery, ofMessage: number)) }
  }

  public func prune(olderThan moment: Moment?, keep: Int) async throws(JournalError) -> [RunID] {
    let candidates = try await writer.read { try $0.prunable(olderThan: moment, keep: keep) }
    var pruned: [RunID] = []
    // One run at a time, so that others get in between.
    for run in candidates where try await writer.write({ db in (.pruned(run), try db.prune(run)) }) {
      pruned.append(run)
    }
    return pruned
  }

  // MARK: Reading

  public func permits(inPool pool: String) async throws(JournalError) -> [PermitRecord] {
    try await writer.read { try $0.permits(inPool: pool) }
  }

  public func pools(of run: RunID) async throws(JournalError) -> [String] {
    try await writer.read { try $0.pools(of: run) }
  }

  public func messages(of run: RunID) async throws(JournalError) -> [MessageRecord] {
    try await writer.read { try $0.messages(of: run) }
  }

  public func runs(_ filter: RunFilter) async throws(JournalError) -> [RunRecord] {
    try await writer.read { try $0.runs(filter) }
  }

  public func history(of run: RunID) async throws(JournalError) -> RunHistory {
    try await writer.read { try $0.history(of: run) }
  }

  public func holder(of job: Job) async throws(JournalError) -> JobRecord? {
    try await writer.read { try $0.holder(of: job) }
  }

  public func memory(_ name: String, of claim: RunClaim) async throws(JournalError) -> [UInt8]? {
    try await writer.read { try $0.memory(name, run: claim.number) }
  }

  public func source(_ hash: String) async throws(JournalError) -> [UInt8]? {
    let name = writer.name
    return try await writer.read { db in
      guard let bytes = try db.first("SELECT bytes FROM sources WHERE hash = ?", hash, as: { $0.blob(0) })
      else {
        return nil
      }
      guard ContentHash.of(bytes) == hash else {
        throw JournalError.corrupt(file: name, detail: "source \(hash) has other bytes")
      }
      return bytes
    }
  }
}
