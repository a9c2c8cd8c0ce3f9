import CSlots
import CommandCenterAPI
import LuaVM
import Workflow

/// A workload as a script holds it: of one Command Center, with what `:with` filled in.
final class WorkloadFunction {
  let kind: WorkloadKind
  /// The Command Center's name; nil for the run's own.
  let commcell: String?
  let preset: PresetRow?
  let options: SubmitOptions
  // The kind's own, which lives as long as this object: each payload uses them, and does not retain them.
  private let shape: Unmanaged<TableShape>
  private let encoder: Unmanaged<PayloadEncoder>

  init(
    _ kind: WorkloadKind, commcell: String?, preset: PresetRow? = nil,
    options: SubmitOptions = SubmitOptions()
  ) {
    self.kind = kind
    shape = .passUnretained(kind.shape)
    encoder = .passUnretained(kind.encoder)
    self.commcell = commcell
    self.preset = preset
    self.options = options
  }

  /// Everything is in the metatable that each object has of its own.
  static func fill(_ stack: Stack) {}

  /// Where the fields are: `encode{…}` has them first, `w:encode{…}` second.
  func fieldsIndex(_ call: Stack) -> Int {
    call.type(1) == .userdata ? 2 : 1
  }

  /// The payload of a plain table, flat or nested; nil for whatever needs a second look. The bytes are good
  /// until the next payload of the workload.
  func quickPayload(_ call: Stack, _ index: Int) -> (
    bytes: UnsafeBufferPointer<UInt8>, slots: UnsafePointer<cv_slot>, rows: Int
  )? {
    guard call.type(index) == .table else { return nil }
    let count = kind.slotCount
    let row = kind.rows
    if let preset {
      row.update(from: preset.slots, count: count)
    } else {
      // All zeros is an absent slot.
      UnsafeMutableRawPointer(row).initializeMemory(
        as: UInt8.self, repeating: 0, count: count * MemoryLayout<cv_slot>.stride)
    }
    let met = shape._withUnsafeGuaranteedRef { $0.walk(call, index, into: row) }
    if met.isEmpty {
      guard let bytes = encoder._withUnsafeGuaranteedRef({ try? $0.encode(row) }) else { return nil }
      return (bytes, UnsafePointer(row), 1)
    }
    guard met == .associations else { return nil }
    kind.shape.pushTargets(call)
    defer { call.pop() }
    return quickTargets(call, count)
  }

  /// The list of targets is on top of the stack; what they share is in the first row.
  private func quickTargets(
    _ call: Stack, _ count: Int
  ) -> (bytes: UnsafeBufferPointer<UInt8>, slots: UnsafePointer<cv_slot>, rows: Int)? {
    let targets = call.rawLength(-1)
    guard targets > 0, kind.hasRoom(rows: targets + 1) else { return nil }
    let first = kind.rows
    for target in 1...targets {
      let row = first + target * count
      row.update(from: first, count: count)
      defer { call.pop() }
      guard call.get(-1, at: target) == .table,
        kind.shape.walkTarget(call, -1, container: kind.associations, into: row).isEmpty
      else { return nil }
    }
    guard let bytes = try? kind.encoder.encode(first + count, rows: targets) else { return nil }
    return (bytes, UnsafePointer(first + count), targets)
  }

  /// Reads the table at `index`, checks it, and gives the payload to `body` with the slots that it came from.
  func withPayload(
    _ call: Stack, _ index: Int,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafePointer<cv_slot>, Int) -> Void
  ) throws(LuaFailure) {
    if let quick = quickPayload(call, index) { return body(quick.bytes, quick.slots, quick.rows) }
    guard call.type(index) == .table else {
      throw LuaFailure(
        "payload",
        "backup.\(kind.name) takes a table of fields, such as { clientName = \"aws-prod\", … }, not \(call.quoted(index))"
      )
    }
    try withSlowPayload(call, index, body)
  }

  /// What a submit of the table at `index` sends, its names to be looked up where ids are wanted.
  func submission(_ call: Stack, _ index: Int) throws(LuaFailure) -> Submission {
    if let quick = quickPayload(call, index) {
      return Submission(kind.workload, Array(quick.bytes), kind.workload.facts(quick.slots, rows: quick.rows))
    }
    if !kind.workload.lookups.isEmpty, call.type(index) == .table,
      let named = try namedSubmission(call, index)
    {
      return named
    }
    var submission: Submission?
    try withPayload(call, index) { bytes, slots, rows in
      submission = Submission(kind.workload, Array(bytes), kind.workload.facts(slots, rows: rows))
    }
    // `withPayload` calls its body or throws.
    return submission!
  }

  /// The same where the table names things whose ids are wanted; nil where it does not.
  private func namedSubmission(_ call: Stack, _ index: Int) throws(LuaFailure) -> Submission? {
    let table = PayloadTable(kind, base: preset.map { UnsafePointer($0.slots) }, call, index)
    defer { table.free() }
    guard !table.rows.isEmpty else { return nil }
    let workload = kind.workload
    var rows = table.rows
    let missing = workload.lookups(in: rows, rows: table.rowCount)
    guard !missing.isEmpty else { return nil }
    // What the script calls its targets stays the same whatever is found.
    let facts = workload.facts(rows, rows: table.rowCount)
    for (row, lookups) in missing.enumerated() {
      for lookup in lookups {
        rows[row * workload.slotCount + lookup.id] = workload.placeholder(for: lookup)
      }
    }
    do throws(PayloadError) {
      if !table.mistakes.isEmpty {
        let others = workload.mistakes(in: rows, rows: table.rowCount)
        throw PayloadError(workload: workload.name, mistakes: table.mistakes + others)
      }
      let bytes = try kind.encoder.encode(rows, rows: table.rowCount)
      return Submission(workload, Array(bytes), facts, missing: missing)
    } catch {
      throw LuaFailure(error)
    }
  }

  private func withSlowPayload(
    _ call: Stack, _ index: Int,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafePointer<cv_slot>, Int) -> Void
  ) throws(LuaFailure) {
    let table = PayloadTable(kind, base: preset.map { UnsafePointer($0.slots) }, call, index)
    defer { table.free() }
    let rows = table.rows
    let found = rows.withUnsafeBufferPointer { slots -> PayloadError? in
      guard let base = slots.baseAddress else {
        return PayloadError(workload: kind.workload.name, mistakes: table.mistakes)
      }
      if !table.mistakes.isEmpty {
        let others = kind.workload.mistakes(in: base, rows: table.rowCount)
        return PayloadError(workload: kind.workload.name, mistakes: table.mistakes + others)
      }
      do throws(PayloadError) {
        body(try kind.encoder.encode(base, rows: table.rowCount), base, table.rowCount)
        return nil
      } catch {
        return error
      }
    }
    if let found { throw LuaFailure(found) }
  }

  /// The same workload with more filled in.
  func with(_ call: Stack, fields: Int, options: Int) throws(LuaFailure) -> WorkloadFunction {
    let workload = kind.workload
    guard call.type(fields) == .table else {
      throw LuaFailure(
        "payload", "backup.\(workload.name):with takes a table of fields, not \(call.quoted(fields))")
    }
    let table = PayloadTable(kind, base: preset.map { UnsafePointer($0.slots) }, call, fields)
    defer { table.free() }
    guard table.rowCount == 1 else {
      throw LuaFailure("payload", "backup.\(workload.name):with takes no associations; give them in the call")
    }
    let filled = table.rows.withUnsafeBufferPointer { slots -> (PresetRow, [Mistake]) in
      // What is missing, or needs another field, may come with the call.
      let mistakes = workload.mistakes(in: slots.baseAddress!, rows: 1).filter {
        $0.kind != .missing && $0.kind != .contradiction
      }
      return (PresetRow(copying: slots.baseAddress!, count: workload.slotCount), mistakes)
    }
    let mistakes = table.mistakes + filled.1
    if !mistakes.isEmpty { throw LuaFailure(PayloadError(workload: workload.name, mistakes: mistakes)) }
    return WorkloadFunction(
      kind, commcell: commcell, preset: filled.0,
      options: try SubmitOptions(call, options, base: self.options, workload: workload.name))
  }
}

extension LuaFailure {
  /// All mistakes of a payload: one sentence, or a line for each; and one by one.
  init(_ error: PayloadError) {
    let details = error.mistakes.map {
      LuaFailure("payload", $0.description, field: $0.field)
    }
    let sentence =
      error.mistakes.count == 1
      ? error.mistakes[0].description
      : "\(error.mistakes.count) mistakes" + error.mistakes.map { "\n  - \($0.description)" }.joined()
    self.init(
      "payload", "backup.\(error.workload): \(sentence)",
      field: error.mistakes.first?.field, details: details)
  }
}
