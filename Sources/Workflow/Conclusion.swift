/// How a run ended: its exit code, the first that applies, and a sentence that says why.
public struct Conclusion: Hashable, Sendable {
  /// What happened besides the backups.
  public struct Ending: Sendable {
    /// 2 for SIGINT, 15 for SIGTERM; nil where none came.
    public var signal: Int32?
    /// The script raised, or could not be loaded.
    public var scriptFailed = false
    /// There was no script, or no Command Center where it needed one; this has been told.
    public var isUsageError = false
    /// Why nothing more may be submitted until somebody has looked; nil where nothing is wrong.
    public var needsOperator: String?
    /// What the script passed to `os.exit`.
    public var exit: Int32?
    /// What the main chunk returned, where that is a number or a boolean; it may only worsen the verdict.
    public var returned: String?

    public init() {}
  }

  public let exitCode: Int32
  /// One word for programs: `good`, `warnings`, `partial`, `none_good`, …
  public let outcome: String
  public let sentence: String
  /// The exit code before `--exit-map` changed it; nil where it did not.
  public private(set) var unmapped: Int32?

  public init(_ verdict: Verdict, _ ending: Ending, branchesFailed: Int) {
    let own = Conclusion(verdict)
    if let signal = ending.signal {
      self.init(128 + signal, "interrupted", "interrupted")
    } else if ending.isUsageError {
      self.init(64, "usage", "the script could not run")
    } else if ending.needsOperator != nil {
      self.init(20, "needs_operator", "a human has to look: the run stopped before it could double a backup")
    } else if let exit = ending.exit {
      let hides = !verdict.isEmpty && own.exitCode != exit
      self.init(
        exit, "exit",
        "the script called os.exit(\(exit))" + (hides ? "; else \(own.exitCode): \(own.sentence)" : ""))
    } else if ending.scriptFailed {
      self.init(65, "script_error", "the script raised an error")
    } else if branchesFailed > 0 {
      let branches = branchesFailed == 1 ? "a branch" : "\(branchesFailed) branches"
      self.init(65, "script_error", "\(branches) of the script raised an error")
    } else if let worse = Self.worse(ending.returned, than: own.exitCode) {
      self.init(worse, "returned", "the script returned \(ending.returned ?? "")")
    } else {
      self = own
    }
  }

  /// The exit code whatever `--exit-map` makes of it.
  public var ownCode: Int32 { unmapped ?? exitCode }

  /// Whether all is good, whatever the process exits with.
  public var isGood: Bool { ownCode == 0 }

  /// The same with the exit code that `map` has in its place (`--exit-map`), which the sentence tells.
  public func mapped(by map: [Int32: Int32]) -> Conclusion {
    guard let code = map[exitCode], code != exitCode else { return self }
    var mapped = Conclusion(code, outcome, "\(sentence) (\(exitCode) by --exit-map)")
    mapped.unmapped = exitCode
    return mapped
  }

  private init(_ exitCode: Int32, _ outcome: String, _ sentence: String) {
    (self.exitCode, self.outcome, self.sentence) = (exitCode, outcome, sentence)
  }

  /// What the targets alone come to.
  private init(_ verdict: Verdict) {
    exitCode = verdict.exitCode
    switch exitCode {
    case 0:
      (outcome, sentence) = (
        "good", verdict.good == 0 ? "nothing was asked for" : "all targets are good" + verdict.remark
      )
    case 1:
      (outcome, sentence) = (
        "warnings", "all targets are good, \(verdict.warnings) with warnings" + verdict.remark
      )
    case 2 where verdict.bad.isEmpty: (outcome, sentence) = ("short", verdict.shortfall)
    case 2:
      (outcome, sentence) = (
        "partial", "\(verdict.bad.count) of \(verdict.good + verdict.bad.count) targets not good"
      )
    case 4: (outcome, sentence) = ("failed_to_start", "what is not good failed to start")
    case 5: (outcome, sentence) = ("killed", "what is not good was killed")
    case 18: (outcome, sentence) = ("unreachable", "nothing got through to the Command Center")
    case 20:
      (outcome, sentence) = (
        "needs_operator",
        "a human has to look: it is not known what became of a submit, or its job is another target's"
      )
    default: (outcome, sentence) = ("none_good", "no target is good")
    }
  }

  /// The exit code of the script's own verdict, where it is worse than `code`.
  private static func worse(_ returned: String?, than code: Int32) -> Int32? {
    guard let returned else { return nil }
    var own: Int32 = 2
    if returned != "false" {
      guard let number = Double(returned), number == number.rounded() else { return nil }
      // What is no exit code is not good all the same.
      own = (0...255).contains(number) ? Int32(number) : 2
    }
    return badness(own) > badness(code) ? own : nil
  }

  /// Exit codes from good to bad. One of the script's own is worse than warnings, and better than what is known
  /// of targets.
  private static func badness(_ code: Int32) -> Double {
    let known: [Int32] = [0, 1, 2, 3, 5, 4, 18, 20]
    return known.firstIndex(of: code).map(Double.init) ?? 1.5
  }
}
