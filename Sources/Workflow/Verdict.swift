public import CommandCenterAPI

/// What a run comes to, per target: a target counts by its last attempt, so a rescued one is good.
public struct Verdict: Hashable, Sendable {
  public var good = 0
  public var warnings = 0
  public var bad: [Outcome] = []

  /// No target was asked for.
  public var isEmpty: Bool { good == 0 && bad.isEmpty }

  /// - Parameter attempts: of a whole run, in the order of their submits.
  public init(_ attempts: [Attempt]) {
    var last: [TargetKey: Attempt] = [:]
    for attempt in attempts { last[attempt.key] = attempt }
    for attempt in last.values {
      if attempt.isOk {
        good += 1
        if attempt.outcome == .warnings { warnings += 1 }
      } else if let outcome = attempt.outcome {
        bad.append(outcome)
      }
    }
  }

  /// The exit code that the targets alone give, the first that applies:
  /// 20 a human has to look · 18 nothing got through to the Command Center · 4 every bad target failed to
  /// start · 5 every bad target was killed · 3 no target is good · 2 some are not · 1 warnings · 0 all good.
  public var exitCode: Int32 {
    if bad.contains(.ambiguous) { return 20 }
    if good == 0, !bad.isEmpty, bad.allSatisfy({ $0 == .unreachable }) { return 18 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .failedToStart }) { return 4 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .killed }) { return 5 }
    if !bad.isEmpty { return good == 0 ? 3 : 2 }
    return warnings > 0 ? 1 : 0
  }
}
