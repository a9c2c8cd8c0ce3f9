public import Clock

/// What must survive a crash: runs, their steps, jobs, permits and messages. Knows keys, ids and opaque bytes.
///
/// Whoever awaits a call that writes may go on only once the write is on disk. Callers on a run's clock keep
/// their hold meanwhile, so that no time passes while the disk works.
///
/// The SQLite form is ``SQLiteJournal``. A store for several hosts can follow: the fence is a run's epoch,
/// and a claim may as well be a lease.
public protocol JournalStore: Sendable {
  /// Takes the lock of a script and of what makes its work another than that of the same script elsewhere, such as its
  /// arguments: at most one process at a time does it.
  ///
  /// - Throws: ``JournalError/scriptIsAlive(script:holder:)`` where a live process has it.
  func lock(script: String, work: String) async throws(JournalError) -> ScriptLock

  /// Writes a new run down, and claims it.
  func create(_ run: NewRun, owner: Owner) async throws(JournalError) -> RunClaim

  /// Takes over a run whose process is gone. Writes of claims before this one are refused from now on.
  ///
  /// - Throws: ``JournalError/runIsAlive(run:holder:)`` where a live process drives the run,
  ///   ``JournalError/runHasEnded(run:state:)``, ``JournalError/noSuchRun(_:)``.
  func claim(_ run: RunID, owner: Owner) async throws(JournalError) -> RunClaim

  /// Whether a live process drives the run.
  func isAlive(_ run: RunID) async throws(JournalError) -> Bool

  /// Writes changes down, all or none.
  ///
  /// - Returns: the pools in which it made room, sorted.
  @discardableResult
  func write(_ changes: [Change], by claim: RunClaim) async throws(JournalError) -> [String]

  /// Asks for permits; asking again keeps the place. First come, first served in each pool, over all runs
  /// and processes; only runs that live count as waiting.
  ///
  /// - Parameter changes: written in the same transaction, and only where the permits are granted and were
  ///   not before: the intent of the submit.
  func request(
    _ permits: PermitRequest, writing changes: [Change], by claim: RunClaim
  ) async throws(JournalError) -> PermitAnswer

  /// Who is in a pool, and who waits for it, in the order of their coming.
  func permits(inPool pool: String) async throws(JournalError) -> [PermitRecord]

  /// The pools that a run is in or waits for, in the order of their names.
  func pools(of run: RunID) async throws(JournalError) -> [String]

  /// Takes messages that nobody has delivered yet, oldest first. Until `lease` nobody else gets them.
  func takeMessages(
    of run: RunID?, now: Moment, lease: Moment
  ) async throws(JournalError) -> [MessageRecord]

  /// Writes down how the delivery of a message went.
  func record(_ delivery: Delivery, ofMessage number: Int) async throws(JournalError)

  /// All messages of a run, oldest first.
  func messages(of run: RunID) async throws(JournalError) -> [MessageRecord]

  /// The runs that match, newest first.
  func runs(_ filter: RunFilter) async throws(JournalError) -> [RunRecord]

  /// - Throws: ``JournalError/noSuchRun(_:)``.
  func history(of run: RunID) async throws(JournalError) -> RunHistory

  /// Which step has a job; nil where none has.
  func holder(of job: Job) async throws(JournalError) -> JobRecord?

  /// What runs of the claim's script have remembered under that name; nil for nothing. A rehearsal's memory is its
  /// own.
  func memory(_ name: String, of claim: RunClaim) async throws(JournalError) -> [UInt8]?

  /// The bytes with that ``ContentHash``; nil where no run has them.
  func source(_ hash: String) async throws(JournalError) -> [UInt8]?

  /// Deletes runs that came to an end, older than `moment` or, where it is nil, of any age; the newest `keep`
  /// of them stay. A run with a permit still held or a message not yet delivered stays too.
  ///
  /// - Returns: those deleted, newest first.
  func prune(olderThan moment: Moment?, keep: Int) async throws(JournalError) -> [RunID]

  /// Returns when all that was asked for before is on disk or refused.
  func flush() async throws(JournalError)

  var statistics: JournalStatistics { get }

  /// Waits for what is under way and closes the store; it takes nothing more.
  func close() async
}

extension JournalStore {
  public func lock(script: String) async throws(JournalError) -> ScriptLock {
    try await lock(script: script, work: "")
  }

  @discardableResult
  public func write(_ changes: Change..., by claim: RunClaim) async throws(JournalError) -> [String] {
    try await write(changes, by: claim)
  }

  public func create(_ run: NewRun) async throws(JournalError) -> RunClaim {
    try await create(run, owner: .current)
  }

  public func claim(_ run: RunID) async throws(JournalError) -> RunClaim {
    try await claim(run, owner: .current)
  }

  public func request(
    _ permits: PermitRequest, by claim: RunClaim
  ) async throws(JournalError) -> PermitAnswer {
    try await request(permits, writing: [], by: claim)
  }
}
