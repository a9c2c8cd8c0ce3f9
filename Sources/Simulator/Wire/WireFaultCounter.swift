import Clock

/// Counts the requests that each wire fault of a plan matches.
struct WireFaultCounter {
  private let rules: [FaultPlan.Rule]
  /// No rule is of the wire.
  let isEmpty: Bool
  /// By the plan's rules; those of submits count elsewhere.
  private(set) var counts: [Int]
  private var windows: [RateWindow]

  /// What meets a request, in the order of the plan.
  enum Effect {
    case fault(WireFault)
    /// There is no room for it under the rate before this long.
    case wait(Rate, Duration)
  }

  init(_ plan: FaultPlan) {
    rules = plan.rules
    isEmpty = !rules.contains(where: \.fault.isOfTheWire)
    counts = Array(repeating: 0, count: rules.count)
    windows = Array(repeating: RateWindow(), count: rules.count)
  }

  /// Counts a request, and tells what is to go wrong with it.
  ///
  /// - Parameter targets: what a submit is of; asked for only where a rule names a target.
  mutating func next(_ route: Route?, at now: Moment, targets: () -> [FaultPlan.Subject]) -> [Effect] {
    var effects: [Effect] = []
    var known: [FaultPlan.Subject]?
    for (index, rule) in rules.enumerated() where rule.fault.isOfTheWire {
      if let requests = rule.requests {
        guard requests.contains(route) else { continue }
      } else {
        guard route?.isSubmit == true else { continue }
        if rule.kind != nil || rule.name != nil {
          let subjects = known ?? targets()
          known = subjects
          guard subjects.contains(where: rule.matches) else { continue }
        }
      }
      counts[index] += 1
      guard rule.ordinal.map({ $0 == counts[index] }) ?? true, case .wire(let fault) = rule.fault else {
        continue
      }
      guard case .throttle(let rate) = fault else {
        effects.append(.fault(fault))
        continue
      }
      if let time = windows[index].take(rate, at: now) { effects.append(.wait(rate, time)) }
    }
    return effects
  }
}
