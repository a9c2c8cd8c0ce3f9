public import CommandCenterAPI

/// What a run comes to, per target: a target counts by its last attempt that was sent, so a rescued one is good.
public struct Verdict: Hashable, Sendable {
  public var good = 0
  public var warnings = 0
  public var bad: [Outcome] = []
  /// How many targets were expected at least; nil where the script does not say.
  public var expected: Int?
  /// Attempts that were never sent, after one at the same target that was.
  public var leftOut = 0

  /// No target was asked for.
  public var isEmpty: Bool { good == 0 && bad.isEmpty }

  /// Whether there are fewer targets, good and bad ones together, than expected.
  public var isShort: Bool { good + bad.count < expected ?? 0 }

  /// - Parameters:
  ///   - attempts: of a whole run, in the order of their submits.
  ///   - expected: by `run.expect`.
  public init(_ attempts: [Attempt], expected: Expectation? = nil) {
    self.expected = expected?.targets
    var sent: Set<TargetKey> = []
    for attempt in attempts {
      if attempt.outcome != .skipped {
        sent.insert(attempt.key)
      } else if sent.contains(attempt.key) {
        leftOut += 1
      }
    }
    for attempt in Self.deciding(attempts).values {
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
  /// expected · 1 warnings · 0 all good.
  public var exitCode: Int32 {
    if bad.contains(.ambiguous) { return 20 }
    let tried = bad.filter { $0 != .skipped }
    if good == 0, !tried.isEmpty, tried.allSatisfy({ $0 == .unreachable }) { return 18 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .failedToStart }) { return 4 }
    if !bad.isEmpty, bad.allSatisfy({ $0 == .killed }) { return 5 }
    if !bad.isEmpty { return good == 0 ? 3 : 2 }
    if isShort { return 2 }
    return warnings > 0 ? 1 : 0
  }
}

extension Verdict {
  /// The attempt that each target counts by: its last that was sent, else its last. What was never sent, since the
  /// window was over or for another rule of the run, changes nothing about the backup that is there.
  public static func deciding(_ attempts: some Sequence<Attempt>) -> [TargetKey: Attempt] {
    attempts.reduce(into: [:]) { last, attempt in
      let earlier = last[attempt.key]
      if attempt.outcome != .skipped || earlier == nil || earlier?.outcome == .skipped {
        last[attempt.key] = attempt
      }
    }
  }

  /// What was left out of what is good: `, 1 later submit was left out`.
  var remark: String {
    leftOut == 0 ? "" : ", \(leftOut) later submit\(leftOut == 1 ? " was" : "s were") left out"
  }

  /// What is expected beside what there is.
  var shortfall: String {
    let count = good + bad.count
    let reached = count == 0 ? "no target" : count == 1 ? "1 target" : "\(count) targets"
    return "\(reached), and run.expect says \(expected ?? 0)"
  }
}
