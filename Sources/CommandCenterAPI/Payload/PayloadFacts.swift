public import CSlots

/// What a payload asks for, for those who show it, name its run's step, or play the server.
public struct PayloadFacts: Hashable, Sendable {
  public let workload: String
  /// One for each association.
  public var targets: [Target]
  /// The level asked for, by name; nil where none was, which leaves it to the server.
  public var level: String?
  /// By name: `IMMEDIATE` or `SCHEDULE`; nil where none was given.
  public var taskType: String?
  public var jobDescription: String?
  public var startInSuspendedState: Bool
  public var userName: String?

  /// - Parameter values: the value of a field as on the wire, in a row of the associations or, elsewhere, in
  ///   row 0.
  init(_ workload: Workload, rows: Int, _ values: (_ field: String, _ row: Int) -> JSONValue?) {
    func name(_ field: String) -> String? {
      guard let index = workload.fieldIndex(field), let value = values(field, 0) else { return nil }
      if case .integer(let number) = value {
        return workload.fields[index].allowed.first { $0.number == number }?.name ?? String(number)
      }
      return value.string
    }
    self.workload = workload.name
    targets = (0..<rows).map { row in Target({ values($0, row) }, workload) }
    level = name("backupLevel")
    taskType = name("taskType")
    jobDescription = values("jobDescription", 0)?.string
    startInSuspendedState = values("startInSuspendedState", 0)?.bool ?? false
    userName = values("userName", 0)?.string
  }
}

extension Workload {
  /// What the payload of these slots asks for, defaults included. For slots that an encoder has taken; what
  /// is wrong with others is left out.
  public func facts(_ slots: UnsafePointer<cv_slot>, rows: Int = 1) -> PayloadFacts {
    PayloadFacts(self, rows: rows) { field, row in
      guard let index = fieldIndex(field) else { return nil }
      let isInRow = isInAssociations(container: containerOfField[index])
      let slot = slots[(isInRow ? row : 0) * slotCount + index]
      guard case .value(let value) = fields[index].read(slot, workload: name) else { return nil }
      return value
    }
  }
}
