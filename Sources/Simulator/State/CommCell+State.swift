import CommandCenterAPI

/// How far the numbers are that are given out, and what the cell began with.
struct CellCounters: Hashable {
  var lastTaskId: Int64
  var logins: Int
  var accessTokens: Int
  /// The inventory that the cell began with, before submits let it grow.
  var inventory: String

  static let recordKind = "cell"

  var record: StateRecord {
    StateRecord(Self.recordKind, "") { json in
      json.member("lastTaskId", lastTaskId)
      json.member("logins", Int64(logins))
      json.member("accessTokens", Int64(accessTokens))
      json.member("inventory", inventory)
    }
  }
}

/// What was told last of a cell that is kept somewhere.
struct SavedMarks {
  var counters: CellCounters?
  var inventory: Inventory.Size
  let fingerprint: String
  /// What could not be saved so far.
  var unsaved: [StateRecord] = []
}

extension CommCell {
  /// Takes up what an earlier process left, and from then on notes what changes.
  mutating func restore(_ records: [StateRecord]) throws(StateError) {
    var byKind: [String: [StateRecord]] = [:]
    for record in records { byKind[record.kind, default: []].append(record) }
    let known =
      [CellCounters.recordKind, SimulatedJob.recordKind] + Inventory.recordKinds + Accounts.recordKinds
    if let kind = byKind.keys.first(where: { !known.contains($0) }) { throw SavedValue.damaged(kind) }
    // Keys that are numbers are indices and ids: what is there is added in that order.
    for kind in byKind.keys {
      byKind[kind]?.sort { (Int64($0.key) ?? 0, $0.key) < (Int64($1.key) ?? 0, $1.key) }
    }

    var marks = SavedMarks(counters: nil, inventory: inventory.size, fingerprint: inventory.fingerprint)
    if let record = byKind[CellCounters.recordKind]?.first {
      let saved = try SavedValue(record)
      guard try saved.text("inventory") == marks.fingerprint else {
        throw StateError(
          "the simulator's state began with another inventory: give the same one, or another file for the state"
        )
      }
      let counters = CellCounters(
        lastTaskId: try saved.integer("lastTaskId"), logins: Int(clamping: try saved.integer("logins")),
        accessTokens: Int(clamping: try saved.integer("accessTokens")), inventory: marks.fingerprint)
      try inventory.restore(byKind)
      try accounts.restore(byKind, logins: counters.logins, accessTokens: counters.accessTokens)
      lastTaskId = counters.lastTaskId
      for record in byKind[SimulatedJob.recordKind] ?? [] { try restoreJob(record) }
      marks.counters = counters
      marks.inventory = inventory.size
    } else if !records.isEmpty {
      throw SavedValue.damaged(CellCounters.recordKind)
    }
    book.notesChanges()
    saved = marks
  }

  private mutating func restoreJob(_ record: StateRecord) throws(StateError) {
    let saved = try SavedValue(record)
    let job = try SimulatedJob(saved, subclients: inventory.subclients.count)
    guard job.id == book.nextId, record.key == String(job.id) else { throw saved.damage }
    book.add(job)
    if let asked = job.asked { submits[SubmitKey(subclient: job.subclient, level: asked), default: 0] += 1 }
  }

  /// Adds what has changed since the last call to what is to be saved.
  ///
  /// - Returns: all that is to be saved; empty where nothing is, or nobody keeps the cell.
  mutating func takeChanges() -> [StateRecord] {
    guard var marks = saved else { return [] }
    saved = nil
    marks.unsaved += inventory.records(since: marks.inventory)
    marks.inventory = inventory.size
    marks.unsaved += book.takeChanges().map { book.jobs[$0].record }
    marks.unsaved += accounts.takeRecords()
    let counters = CellCounters(
      lastTaskId: lastTaskId, logins: accounts.logins, accessTokens: accounts.accessTokens.made,
      inventory: marks.fingerprint)
    if marks.counters != counters {
      marks.counters = counters
      marks.unsaved.append(counters.record)
    }
    let changes = marks.unsaved
    saved = marks
    return changes
  }

  mutating func changesWereSaved() { saved?.unsaved = [] }
}
