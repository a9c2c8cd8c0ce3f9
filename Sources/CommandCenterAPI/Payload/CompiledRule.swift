internal import CSlots

/// A rule by the indexes of its fields.
struct CompiledRule {
  let rule: Rule
  private let field: Int
  private let needed: Int
  private let fieldIsInRow: Bool
  private let neededIsInRow: Bool
  private let workload: Workload

  init(_ rule: Rule, _ workload: Workload) {
    self.rule = rule
    self.workload = workload
    // The declaration's check has found both.
    field = workload.fieldIndex(rule.field)!
    needed = workload.fieldIndex(rule.neededField)!
    fieldIsInRow = workload.isInAssociations(container: workload.containerOfField[field])
    neededIsInRow = workload.isInAssociations(container: workload.containerOfField[needed])
  }

  /// What breaks the rule. Fields that are wrong by themselves break none.
  func mistakes(_ slots: UnsafePointer<cv_slot>, rows: Int, stride: Int) -> [Mistake] {
    var found: [Mistake] = []
    for row in 0..<(fieldIsInRow || neededIsInRow ? rows : 1) {
      let given = slots[(fieldIsInRow ? row : 0) * stride + field]
      let other = slots[(neededIsInRow ? row : 0) * stride + needed]
      guard workload.fields[field].read(given, workload: workload.name) == .value(rule.value) else {
        continue
      }
      var value: JSONValue?
      switch workload.fields[needed].read(other, workload: workload.name) {
      case .value(let read): value = read
      case .nothing: break
      case .json, .mistake: continue
      }
      if let mistake = rule.mistake(having: value, association: rows > 1 && fieldIsInRow ? row : nil) {
        found.append(mistake)
      }
    }
    return found
  }
}

extension Rule {
  /// The mistake of having `value` in the needed field, where the rule applies; nil where that is allowed.
  func mistake(having value: JSONValue?, association: Int?) -> Mistake? {
    if let value, neededValues.contains(value) { return nil }
    let wanted = neededValues.map(\.plain).joined(separator: " or ")
    let has = value.map { ", not \($0.plain)" } ?? ""
    // A flag that is set reads better without its value.
    let subject = self.value == .bool(true) ? field : "\(field) \(self.value.plain)"
    return Mistake(
      .contradiction, field: field, association: association,
      message: "\(subject) needs \(neededField) \(wanted)\(has)")
  }
}
