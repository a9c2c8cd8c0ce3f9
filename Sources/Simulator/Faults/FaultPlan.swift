import CommandCenterAPI

/// Which submits go wrong, and how: `--faults dynamodb:fail@1,rds/orders:pending=2h,*:slow=10m`.
public struct FaultPlan: Hashable, Sendable {
  struct Rule: Hashable, Sendable {
    /// Nil means any.
    var kind: Kind?
    /// A name or id of the subclient, instance or client; nil means any.
    var name: String?
    var fault: Fault
    /// The Nth matching submit only; nil means each.
    var ordinal: Int?
  }

  var rules: [Rule] = []

  /// Nothing goes wrong.
  public init() {}
}

/// Counts the submits that each rule of a plan matches.
struct FaultCounter {
  private let rules: [FaultPlan.Rule]
  private var counts: [Int]

  init(_ plan: FaultPlan) {
    rules = plan.rules
    counts = Array(repeating: 0, count: plan.rules.count)
  }

  /// Counts a submit of a subclient, and tells what is to go wrong with it.
  mutating func next(_ subclient: Int, in inventory: Inventory) -> [Fault] {
    guard !rules.isEmpty else { return [] }
    let names = inventory.association(of: subclient)
    let kind = inventory.kind(of: subclient)
    var faults: [Fault] = []
    for (index, rule) in rules.enumerated() {
      guard rule.kind.map({ $0 == kind }) ?? true else { continue }
      if let name = rule.name {
        let isMeant =
          [names.subclientName, names.instanceName, names.clientName].contains { $0.isSame(name) }
          || [names.subclientId, names.instanceId, names.clientId].contains { String($0) == name }
        guard isMeant else { continue }
      }
      counts[index] += 1
      if rule.ordinal.map({ $0 == counts[index] }) ?? true { faults.append(rule.fault) }
    }
    return faults
  }
}
