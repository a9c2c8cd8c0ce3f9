public import CommandCenterAPI

/// What a run comes to, per target: a target counts by its last attempt, so a rescued one is good.
public struct Verdict: Hashable, Sendable {
  public var good = 0
  public var warnings = 0
  public var bad: [Outcome] = []
  /// How many targets were expected at least; nil where the script does not say.
  public var expected: Int?
  /// Whether `--max-submits` held a submit back.
  public var isHeldBack = false

  /// No target was asked for.
  public var isEmpty: Bool { good == 0 && bad.isEmpty }

  /// Whether there are fewer targets, good and bad ones together, than expected.
  public var isShort: Bool { good + bad.count < expected ?? 0 }

  /// - Parameters:
  ///   - attempts: of a whole run, in the order of their submits.
  ///   - expected: by `run.expect`.
  ///   - isHeldBack: whether `--max-submits` held a submit back.
  public init(_ attempts: [Attempt], expected: Expectation? = nil, isHeldBack: Bool = false) {
    self.expected = expected?.targets
    self.isHeldBack = isHeldBack
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
  /// start · 5 every bad target was killed · 3 no target is good · 2 some are not, or there are fewer targets than
  /// expected, or a submit was held back · 1 warnings · 0 all good.
  public var exitCode: Int32 {
    if bad.contains(.ambiguous) { return 20 }
    let tried = bad.filter { $0 != .skipped }
    if good == 0, !tried.isEmpty, tried.allSatisfy({ $0 == .unreachable }) { return 18 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .failedToStart }) { return 4 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .killed }) { return 5 }
    if !bad.isEmpty { return good == 0 ? 3 : 2 }
    if isShort || isHeldBack { return 2 }
    return warnings > 0 ? 1 : 0
  }
}

extension Verdict {
  /// What is expected beside what there is.
  var shortfall: String {
    let count = good + bad.count
    let reached = count == 0 ? "no target" : count == 1 ? "1 target" : "\(count) targets"
    return "\(reached), and run.expect says \(expected ?? 0)"
  }
}
