import CSlots
import CommandCenterAPI
import LuaVM

/// One workload in one machine: its schema made ready for tables of that machine.
final class WorkloadKind {
  let workload: Workload
  let encoder: PayloadEncoder
  let shape: TableShape
  private(set) var rows: UnsafeMutablePointer<cv_slot>
  // Owned here; a call fills it anew, and nothing keeps it beyond the call.
  private var capacity: Int

  static let extraKey = "extra"

  init(_ workload: Workload, in core: Core) {
    self.workload = workload
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
    capacity = 1
    rows = .allocate(capacity: workload.slotCount)
    rows.initialize(repeating: cv_slot(), count: workload.slotCount)
  }

  deinit { rows.deallocate() }

  /// Makes room for so many rows; what was in them is lost.
  func makeRoom(rows count: Int) {
    guard count > capacity else { return }
    rows.deallocate()
    rows = .allocate(capacity: count * workload.slotCount)
    rows.initialize(repeating: cv_slot(), count: count * workload.slotCount)
    capacity = count
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
