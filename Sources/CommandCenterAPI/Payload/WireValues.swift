/// The fields of a workload found in the JSON of a payload.
struct WireValues {
  private let workload: Workload
  /// For each field, its value in each row, or in the only place there is.
  private let values: [[JSONValue?]]
  private let rows: Int

  init(_ workload: Workload, _ json: JSONValue) {
    self.workload = workload
    var objects: [[JSONValue?]] = []
    for (index, container) in workload.containers.enumerated() {
      let parent = workload.parentOfContainer[index]
      let outer = parent < 0 ? [json] : objects[parent]
      if container.shape == .associations {
        objects.append(outer.first??[container.name]?.array ?? [])
      } else {
        objects.append(outer.map { container.isList ? $0?[container.name]?[0] : $0?[container.name] })
      }
    }
    rows = objects[workload.associations].count
    values = workload.fields.indices.map { index in
      objects[workload.containerOfField[index]].map { $0?[workload.fields[index].name] }
    }
  }

  func mistakes() -> [Mistake] {
    var found: [Mistake] = []
    for (field, values) in zip(workload.fields, values) where field.isSent {
      for (row, value) in values.enumerated() {
        let association = values.count > 1 ? row : nil
        guard let value, value != .null else {
          if field.isRequired { found.append(field.missing(workload.name, association)) }
          continue
        }
        guard let why = field.objection(to: value) else { continue }
        found.append(
          Mistake(
            kind(field, value), field: field.name, association: association, message: "\(field.name) \(why)"))
      }
    }
    guard found.isEmpty else { return found }
    for rule in workload.rules {
      // The declaration's check has found both.
      let given = values[workload.fieldIndex(rule.field)!]
      let needed = values[workload.fieldIndex(rule.neededField)!]
      for row in 0..<max(given.count, needed.count)
      where given[min(row, given.count - 1)] == rule.value {
        let association = given.count > 1 ? row : nil
        if let mistake = rule.mistake(having: needed[min(row, needed.count - 1)], association: association) {
          found.append(mistake)
        }
      }
    }
    return found
  }

  func facts() -> PayloadFacts {
    PayloadFacts(workload, rows: rows) { name, row in
      guard let index = workload.fieldIndex(name) else { return nil }
      let values = values[index]
      return values.count > row ? values[row] : values.first ?? nil
    }
  }

  private func kind(_ field: Field, _ value: JSONValue) -> Mistake.Kind {
    if !field.type.matches(value) { return .wrongType }
    if case .integer = value, field.allowed.isEmpty || !field.isClosed { return .outOfRange }
    return .notAllowed
  }
}
