import CommandCenterAPI

/// Which submits go wrong, and how: `--faults dynamodb:fail@1,rds/orders:pending=2h,*:slow=10m`.
public struct FaultPlan: Hashable, Sendable {
  struct Rule: Hashable, Sendable {
    /// The requests that a fault of the wire is for; nil means submits of what follows.
    var requests: RequestClass?
    /// Nil means any.
    var kind: Kind?
    /// A name or id of the subclient, instance or client; nil means any.
    var name: String?
    var fault: Fault
    /// The Nth matching submit only; nil means each.
    var ordinal: Int?
  }

  /// What a submit may be named by.
  struct Subject {
    var kind: Kind
    var names: [String]
    var ids: [Int64]
  }

  var rules: [Rule] = []

  /// Nothing goes wrong.
  public init() {}

  /// A fault that only a real connection can have, as its user wrote it; nil where there is none.
  public var needsConnection: String? {
    let isThere = rules.contains { if case .wire(.trickle) = $0.fault { true } else { false } }
    return isThere ? "trickle" : nil
  }
}

extension FaultPlan.Rule {
  func matches(_ subject: FaultPlan.Subject) -> Bool {
    guard kind.map({ $0 == subject.kind }) ?? true else { return false }
    guard let name else { return true }
    return subject.names.contains { $0.isSame(name) } || subject.ids.contains { String($0) == name }
  }
}

extension FaultPlan.Subject {
  init(_ subclient: Int, in inventory: Inventory) {
    let names = inventory.association(of: subclient)
    kind = inventory.kind(of: subclient)
    self.names = [names.subclientName, names.instanceName, names.clientName]
    ids = [names.subclientId, names.instanceId, names.clientId]
  }
}

/// Counts the submits that each rule of a plan matches.
struct FaultCounter {
  private let rules: [FaultPlan.Rule]
  /// By the plan's rules; those of the wire count elsewhere.
  private(set) var counts: [Int]

  init(_ plan: FaultPlan) {
    rules = plan.rules
    counts = Array(repeating: 0, count: rules.count)
  }

  /// Counts a submit of a subclient, and tells what is to go wrong with it.
  mutating func next(_ subclient: Int, in inventory: Inventory) -> [Fault] {
    guard !rules.isEmpty else { return [] }
    let subject = FaultPlan.Subject(subclient, in: inventory)
    var faults: [Fault] = []
    for (index, rule) in rules.enumerated() where !rule.fault.isOfTheWire && rule.matches(subject) {
      counts[index] += 1
      if rule.ordinal.map({ $0 == counts[index] }) ?? true { faults.append(rule.fault) }
    }
    return faults
  }
}
