import CSlots
import CommandCenterAPI
import LuaVM

/// The slow way through a payload's table: it takes whatever the quick walk leaves, raw fields and extras,
/// and names every mistake of the table's shape.
struct PayloadTable {
  private let kind: WorkloadKind
  private let stack: Stack
  private var shared: [cv_slot]
  private(set) var rows: [cv_slot] = []
  private(set) var rowCount = 1
  private(set) var mistakes: [Mistake] = []
  private var texts: [UnsafeMutableBufferPointer<UInt8>] = []
  // JSON texts that slots point to; freed by `free`, after the payload is written.
  private var path: [UInt] = []

  private var workload: Workload { kind.workload }

  /// - Parameters:
  ///   - base: what `:with` filled in.
  ///   - index: the table of the call.
  init(_ kind: WorkloadKind, base: UnsafePointer<cv_slot>?, _ stack: Stack, _ index: Int) {
    self.kind = kind
    self.stack = stack
    let count = kind.workload.slotCount
    shared =
      base.map { Array(UnsafeBufferPointer(start: $0, count: count)) }
      ?? Array(repeating: cv_slot(), count: count)
    var targets: LuaReference?
    var row = shared
    fill(stack.absolute(index), container: nil, into: &row, association: nil, &targets)
    shared = row
    if let targets {
      stack.push(targets)
      readTargets(stack.top)
      stack.pop()
    } else {
      rows = shared
    }
  }

  /// Frees the texts that the slots point to.
  func free() {
    for text in texts { text.deallocate() }
  }

  // MARK: objects

  private mutating func fill(
    _ table: Int, container: Int?, into row: inout [cv_slot], association: Int?,
    _ targets: inout LuaReference?
  ) {
    guard path.count < 16, stack.ensure(12), !path.contains(stack.identity(table)) else {
      return blame(
        .badStructure, container.map { workload.containers[$0].name } ?? workload.name, association,
        "the table contains itself, or is nested too deep")
    }
    path.append(stack.identity(table))
    defer { path.removeLast() }
    let isEntity = EntityTable.isOne(stack, table)
    for key in keys(of: table, in: container, association) {
      let level = stack.top
      defer { stack.pop(stack.top - level) }
      stack.get(table, key)
      let value = stack.top
      if let field = workload.fieldIndex(key) {
        if fits(workload.containerOfField[field], in: container, association) {
          fillField(field, value, into: &row, association)
        } else {
          blamePlace(key, workload.containerOfField[field], association)
        }
      } else if let inner = workload.containerIndex(key) {
        let parent = workload.parentOfContainer[inner]
        if workload.containers[inner].shape == .associations {
          // The targets are read last, when all that they share is known.
          if association != nil {
            blame(.badStructure, key, association, "\(key) cannot stand inside itself")
          }
          targets = stack.reference(value)
        } else if parent < 0 || fits(parent, in: container, association) {
          fillContainer(inner, value, into: &row, association, &targets)
        } else {
          blamePlace(key, parent, association)
        }
      } else if key == WorkloadKind.extraKey, container == nil {
        fillExtras(value, into: &row)
      } else if !isEntity {
        // What a look-up found has more names than most pages list.
        mistakes.append(workload.unknownField(key, in: container, association: association))
      }
    }
  }

  /// The names in a table, sorted, so that mistakes come in the same order each time.
  private mutating func keys(of table: Int, in container: Int?, _ association: Int?) -> [String] {
    var names: [String] = []
    var strange: [String] = []
    stack.forEach(table) {
      if let name = stack.string(-2) { names.append(name) } else { strange.append(stack.quoted(-2)) }
    }
    for key in strange.sorted() {
      let place = container.map { workload.containers[$0].name } ?? workload.name
      blame(
        .badStructure, place, association, "\(place) has the key \(key), where names of fields are wanted")
    }
    return names.sorted()
  }

  /// A field may stand flat at the top (or in an entry of the targets), or nested where the page has it.
  private func fits(_ place: Int, in container: Int?, _ association: Int?) -> Bool {
    guard let container else { return true }
    if container == place { return true }
    return association != nil && container == workload.associations
      && workload.isInAssociations(container: place)
  }

  private mutating func fillContainer(
    _ container: Int, _ value: Int, into row: inout [cv_slot], _ association: Int?,
    _ targets: inout LuaReference?
  ) {
    let name = workload.containers[container].name
    guard stack.type(value) == .table else {
      return blame(.wrongType, name, association, "\(name) must be a table, not \(stack.quoted(value))")
    }
    guard workload.containers[container].shape == .list, stack.rawLength(value) > 0 else {
      return fill(value, container: container, into: &row, association: association, &targets)
    }
    guard stack.rawLength(value) == 1 else {
      return blame(
        .badStructure, name, association, "\(name) takes one entry; submit several backups one by one")
    }
    guard stack.get(value, at: 1) == .table else {
      return blame(.wrongType, name, association, "\(name)[1] must be a table, not \(stack.quoted(-1))")
    }
    fill(stack.top, container: container, into: &row, association: association, &targets)
  }

  private mutating func fillField(_ field: Int, _ value: Int, into row: inout [cv_slot], _ association: Int?)
  {
    var slot = cv_slot()
    stack.fill(value, &slot)
    let type = workload.fields[field].type
    if stack.type(value) == .table, type == .object || type == .json {
      var json = JSONWriter()
      do throws(LuaJSON.Refusal) { try LuaJSON.write(stack, value, to: &json) } catch {
        let name = workload.fields[field].name
        return blame(
          .wrongType, name, association,
          LuaJSON.Refusal(path: name + (error.path.isEmpty ? "" : "." + error.path), why: error.why).sentence)
      }
      slot = keep(json.bytes)
    } else if type == .json {
      var json = JSONWriter()
      if (try? LuaJSON.write(stack, value, to: &json)) != nil { slot = keep(json.bytes) }
    }
    row[field] = slot
  }

  private mutating func keep(_ json: [UInt8]) -> cv_slot {
    let text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(json.count, 1))
    _ = text.initialize(from: json)
    texts.append(text)
    return cv_slot(
      bytes: UnsafePointer(text.baseAddress), word: Int64(json.count), kind: UInt8(CV_SLOT_JSON.rawValue))
  }

  // MARK: targets

  private mutating func readTargets(_ targets: Int) {
    guard stack.type(targets) == .table else {
      return blame(
        .wrongType, "associations", nil, "associations must be a list of tables, not \(stack.quoted(targets))"
      )
    }
    let count = stack.rawLength(targets)
    guard count > 0 else {
      rows = shared
      return blame(.badStructure, "associations", nil, "associations is empty: it lists the targets")
    }
    rowCount = count
    for index in 1...count {
      var row = shared
      if stack.get(targets, at: index) == .table {
        var none: LuaReference?
        fill(stack.top, container: workload.associations, into: &row, association: index - 1, &none)
      } else {
        blame(.wrongType, "associations", index - 1, "it must be a table, not \(stack.quoted(-1))")
      }
      stack.pop()
      rows += row
    }
  }

  // MARK: extras

  /// `extra` holds containers of the page by their names, nested or not; what they hold is added there.
  private mutating func fillExtras(_ value: Int, into row: inout [cv_slot]) {
    guard stack.type(value) == .table else {
      return blame(
        .wrongType, WorkloadKind.extraKey, nil,
        "extra must be a table of the page's objects, such as { commonOpts = { … } }, not \(stack.quoted(value))"
      )
    }
    fillExtras(value, container: nil, "extra", into: &row, depth: 0)
  }

  private mutating func fillExtras(
    _ table: Int, container: Int?, _ place: String, into row: inout [cv_slot], depth: Int
  ) {
    guard depth < 16, stack.ensure(12) else {
      return blame(.badStructure, WorkloadKind.extraKey, nil, "\(place) is nested too deep")
    }
    let names = keys(of: table, in: container, nil)
    var inner: Set<String> = []
    for name in names {
      if let known = workload.containerIndex(name) {
        inner.insert(name)
        stack.get(table, name)
        if workload.containers[known].isList, stack.rawLength(-1) == 1 { stack.get(-1, at: 1) }
        if stack.type(-1) == .table {
          fillExtras(stack.top, container: known, "\(place).\(name)", into: &row, depth: depth + 1)
        } else {
          blame(
            .wrongType, WorkloadKind.extraKey, nil,
            "\(place).\(name) must be a table, not \(stack.quoted(-1))")
        }
        stack.pop(stack.top - table)
      } else if workload.fieldIndex(name) != nil {
        inner.insert(name)
        blame(.badStructure, name, nil, "\(name) is a field of \(workload.name); write it outside extra")
      } else if container == nil {
        inner.insert(name)
        blame(
          .badStructure, WorkloadKind.extraKey, nil,
          "extra.\(name) has no place: name the page's object that it belongs to, such as extra = { commonOpts = { \(name) = … } }"
        )
      }
    }
    guard let container else { return }
    do throws(LuaJSON.Refusal) {
      let json = try LuaJSON.members(stack, table, place) { inner.contains($0) }
      if !json.isEmpty { row[workload.extrasSlot(ofContainer: container)] = keep(json) }
    } catch {
      blame(.wrongType, WorkloadKind.extraKey, nil, error.sentence)
    }
  }

  // MARK: mistakes

  private mutating func blame(_ kind: Mistake.Kind, _ field: String, _ association: Int?, _ message: String) {
    mistakes.append(Mistake(kind, field: field, association: association, message: message))
  }

  private mutating func blamePlace(_ name: String, _ place: Int, _ association: Int?) {
    blame(
      .badStructure, name, association,
      "\(name) stands in \(workload.path(ofContainer: place)); write it there, or flat")
  }
}
