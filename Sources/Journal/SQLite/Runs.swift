internal import Clock
internal import SQLite

extension Database {
  /// - Returns: the run's number.
  func create(_ run: NewRun, _ id: RunID, _ owner: Owner) throws -> Int {
    if try self.number(of: id) != nil { throw JournalError.runExists(id) }
    let scriptHash = try store(run.script.bytes)
    let arguments: [UInt8] = run.arguments.flatMap { Array($0.utf8) + [0] }
    try self.run(
      """
      INSERT INTO runs (id, script, script_hash, arguments, night, started_at, state, epoch,
        owner_host, owner_process, owner_boot, owner_start, simulated, seed, options)
      VALUES (?, ?, ?, ?, ?, ?, 'running', 1, ?, ?, ?, ?, ?, ?, ?)
      """, id.description, run.script.name, scriptHash, arguments, run.night, run.startedAt.nanoseconds,
      owner.host, owner.process, owner.boot, owner.processStart, run.isSimulated ? 1 : 0,
      Int(bitPattern: UInt(run.seed)), run.options)
    let number = Int(lastInsertedRowID)
    for source in [run.script] + run.modules { try add(source, toRun: number, id) }
    return number
  }

  /// - Returns: the run's number, and the epoch of the claim.
  func claim(_ id: RunID, _ owner: Owner) throws -> (number: Int, epoch: Int) {
    let found: (number: Int, state: RunState, epoch: Int)? = try first(
      "SELECT number, state, epoch FROM runs WHERE id = ?", id.description
    ) { ($0.int(0), try $0.state(1), $0.int(2)) }
    guard let found else { throw JournalError.noSuchRun(id) }
    if found.state.isEnd { throw JournalError.runHasEnded(run: id, state: found.state) }
    try run(
      """
      UPDATE runs SET epoch = epoch + 1, state = 'running', ended_at = NULL, exit_code = NULL,
        owner_host = ?, owner_process = ?, owner_boot = ?, owner_start = ? WHERE number = ?
      """, owner.host, owner.process, owner.boot, owner.processStart, found.number)
    return (found.number, found.epoch + 1)
  }

  /// The fence: whoever was overtaken writes nothing more.
  func check(_ claim: RunClaim) throws {
    let epoch = try first("SELECT epoch FROM runs WHERE number = ?", claim.number) { $0.int(0) }
    guard let epoch else { throw JournalError.noSuchRun(claim.run) }
    guard epoch == claim.epoch else {
      throw JournalError.staleClaim(run: claim.run, epoch: claim.epoch, now: epoch)
    }
  }

  func number(of id: RunID) throws -> Int? {
    try first("SELECT number FROM runs WHERE id = ?", id.description) { $0.int(0) }
  }

  /// - Throws: where the run had another text of that name.
  func add(_ source: Source, toRun number: Int, _ id: RunID) throws {
    let hash = try store(source.bytes)
    try run(
      "INSERT INTO run_sources (run, name, hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", number,
      source.name, hash)
    guard changesCount == 0 else { return }
    let present = try first("SELECT hash FROM run_sources WHERE run = ? AND name = ?", number, source.name) {
      $0.text(0)
    }
    if present != hash { throw JournalError.sourceDiffers(run: id, name: source.name) }
  }

  private func store(_ bytes: [UInt8]) throws -> String {
    let hash = ContentHash.of(bytes)
    try run("INSERT INTO sources (hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING", hash, bytes)
    return hash
  }

  // MARK: Reading

  func runs(_ filter: RunFilter) throws -> [RunRecord] {
    var conditions: [String] = []
    var values: [(any SQLValue)?] = []
    func demand(_ condition: String, _ value: (any SQLValue)?) {
      guard let value else { return }
      conditions.append(condition)
      values.append(value)
    }
    demand("script = ?", filter.script)
    demand("night = ?", filter.night)
    demand("simulated = ?", filter.isSimulated.map { $0 ? 1 : 0 })
    demand("started_at >= ?", filter.since?.nanoseconds)
    if let states = filter.states {
      conditions.append("state IN (\(states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")))")
    }
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try all(
      Self.runs + " \(condition) ORDER BY started_at DESC, number DESC LIMIT \(filter.limit ?? -1)",
      values: values,
      as: Self.record)
  }

  func history(of id: RunID) throws -> RunHistory {
    guard let number = try number(of: id) else { throw JournalError.noSuchRun(id) }
    let record = try first(Self.runs + " WHERE number = ?", number, as: Self.record)!
    let sources = try all("SELECT name, hash FROM run_sources WHERE run = ?", number) {
      ($0.text(0), $0.text(1))
    }
    return RunHistory(
      run: record, sources: Dictionary(uniqueKeysWithValues: sources), steps: try steps(of: number, id))
  }

  private static let runs = """
    SELECT id, script, script_hash, arguments, night, started_at, ended_at, state, exit_code, epoch,
      owner_host, owner_process, owner_boot, owner_start, simulated, seed, options FROM runs
    """

  private static func record(_ row: borrowing SQLRow) throws -> RunRecord {
    // Each argument ends with a NUL, so the last part is empty.
    let arguments = row.blob(3).split(separator: 0, omittingEmptySubsequences: false).dropLast()
    return RunRecord(
      id: RunID(row.text(0)), script: row.text(1), scriptHash: row.text(2),
      arguments: arguments.map { String(decoding: $0, as: UTF8.self) }, night: row.text(4),
      startedAt: row.moment(5), endedAt: row.optionalMoment(6), state: try row.state(7),
      exitCode: row.optionalInt(8), epoch: row.int(9),
      owner: Owner(host: row.text(10), process: row.int(11), boot: row.text(12), processStart: row.int(13)),
      isSimulated: row.int(14) != 0, seed: UInt64(UInt(bitPattern: row.int(15))), options: row.blob(16))
  }

  // MARK: Pruning

  /// Runs that may go, newest first.
  func prunable(olderThan moment: Moment?, keep: Int) throws -> [RunID] {
    try all(
      """
      SELECT id FROM (SELECT * FROM runs WHERE state IN ('finished', 'abandoned')
        ORDER BY started_at DESC, number DESC LIMIT -1 OFFSET ?)
      WHERE started_at < ? ORDER BY started_at DESC, number DESC
      """, max(0, keep), (moment ?? .distantFuture).nanoseconds
    ) { RunID($0.text(0)) }
  }

  /// - Returns: whether the run went: not where something of it is still of use to others.
  func prune(_ id: RunID) throws -> Bool {
    try run(
      """
      DELETE FROM runs WHERE id = ? AND state IN ('finished', 'abandoned')
        AND NOT EXISTS (SELECT 1 FROM permits WHERE run = runs.number AND released_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM messages WHERE run = runs.number AND delivered_at IS NULL)
      """, id.description)
    guard changesCount > 0 else { return false }
    try run(
      """
      DELETE FROM sources WHERE hash NOT IN (SELECT hash FROM run_sources)
        AND hash NOT IN (SELECT script_hash FROM runs)
      """)
    try run("PRAGMA incremental_vacuum")
    return true
  }
}
