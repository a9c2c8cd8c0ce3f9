public import CSlots

extension Workload {
  /// All that is wrong with the slots of a payload, in the order of its fields.
  public func mistakes(in slots: UnsafePointer<cv_slot>, rows: Int) -> [Mistake] {
    guard rows > 0 else {
      let name = containers[associations].name
      return [Mistake(.badStructure, field: name, message: "\(name) is empty; give at least one")]
    }
    var found: [Mistake] = []
    for (index, field) in fields.enumerated() {
      let isInRow = isInAssociations(container: containerOfField[index])
      for row in 0..<(isInRow ? rows : 1) {
        let reading = field.read(
          slots[row * slotCount + index], workload: name, association: isInRow && rows > 1 ? row : nil)
        guard case .mistake(let mistake) = reading else { continue }
        found.append(mistake.kind == .missing ? missing(index, slots + row * slotCount, mistake) : mistake)
      }
    }
    for index in containers.indices {
      let isInRow = isInAssociations(container: index)
      for row in 0..<(isInRow ? rows : 1) {
        let slot = slots[row * slotCount + extrasSlot(ofContainer: index)]
        let kinds = [CV_SLOT_ABSENT, CV_SLOT_NULL, CV_SLOT_JSON].map { UInt8($0.rawValue) }
        if kinds.contains(slot.kind) { continue }
        let what = slot.given.phrase
        found.append(
          Mistake(
            .badStructure, field: containers[index].name, association: isInRow && rows > 1 ? row : nil,
            message:
              "what \(containers[index].name) is to have beside its fields must be a table, not \(what)"))
      }
    }
    for rule in rules {
      found += CompiledRule(rule, self).mistakes(slots, rows: rows, stride: slotCount)
    }
    return found
  }
}
