import CSlots
import CommandCenterAPI
import LuaVM

/// One workload in one machine: its schema made ready for tables of that machine.
final class WorkloadKind {
  let workload: Workload
  /// The workload's own, at hand without a copy of it: every payload asks for them.
  let name: String
  let slotCount: Int
  let associations: Int
  let encoder: PayloadEncoder
  let shape: TableShape
  // Owned here; a call fills it anew, and nothing keeps it beyond the call. Unchecked: only `makeRoom`
  // changes it, which no access can overlap.
  @exclusivity(unchecked) private(set) var rows: UnsafeMutablePointer<cv_slot>
  private var capacity: Int

  static let extraKey = "extra"

  init(_ workload: Workload, in core: Core) {
    self.workload = workload
    name = workload.name
    slotCount = workload.slotCount
    encoder = PayloadEncoder(workload)
    var keys: [TableShape.Key] = workload.fields.enumerated().map { index, field in
      let container = workload.containerOfField[index]
      return TableShape.Key(
        name: field.name, kind: field.type == .object || field.type == .json ? .raw : .field, index: index,
        parent: container, isOfTarget: workload.isInAssociations(container: container))
    }
    for (index, container) in workload.containers.enumerated() {
      let parent = workload.parentOfContainer[index]
      let kind: TableShape.Key.Kind =
        switch container.shape {
        case .object: .container
        case .list: .list
        case .associations: .associations
        }
      keys.append(
        TableShape.Key(
          name: container.name, kind: kind, index: index, parent: parent < 0 ? nil : parent,
          isOfTarget: workload.isInAssociations(container: index) && container.shape != .associations))
    }
    keys.append(TableShape.Key(name: Self.extraKey, kind: .extra, index: 0, parent: nil, isOfTarget: false))
    shape = TableShape(keys, slots: workload.slotCount, in: core)
    associations = workload.associations
    // One target with what it shares.
    capacity = 2
    rows = .allocate(capacity: 2 * slotCount)
    rows.initialize(repeating: cv_slot(), count: 2 * slotCount)
  }

  deinit { rows.deallocate() }

  /// True where so many rows fit; else makes room for them, for the next time: what the rows hold is lost.
  func hasRoom(rows count: Int) -> Bool {
    if count <= capacity { return true }
    rows.deallocate()
    rows = .allocate(capacity: count * slotCount)
    rows.initialize(repeating: cv_slot(), count: count * slotCount)
    capacity = count
    return false
  }
}

/// Slots whose bytes are their own: what `:with` fills in.
final class PresetRow {
  let slots: UnsafeMutablePointer<cv_slot>
  // Owned, with the bytes that its slots point to; both are freed with the row.
  let count: Int

  /// Copies `source`, bytes and all.
  init(copying source: UnsafePointer<cv_slot>, count: Int) {
    self.count = count
    slots = .allocate(capacity: count)
    slots.initialize(from: source, count: count)
    for index in 0..<count {
      guard let bytes = slots[index].bytes, slots[index].hasBytes else { continue }
      let length = Int(slots[index].word)
      // One more than needed, so that an empty string has an address too.
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: length + 1)
      copy.initialize(repeating: 0, count: length + 1)
      copy.update(from: bytes, count: length)
      slots[index].bytes = UnsafePointer(copy)
    }
  }

  deinit {
    for index in 0..<count where slots[index].hasBytes { slots[index].bytes?.deallocate() }
    slots.deallocate()
  }
}

extension cv_slot {
  /// Its `word` is the length of its `bytes`.
  var hasBytes: Bool {
    [CV_SLOT_STRING, CV_SLOT_JSON, CV_SLOT_OTHER].contains { kind == UInt8($0.rawValue) }
  }
}
