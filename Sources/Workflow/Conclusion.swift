/// How a run ended: its exit code, the first that applies, and a sentence that says why.
public struct Conclusion: Hashable, Sendable {
  /// What happened besides the backups.
  public struct Ending: Sendable {
    /// 2 for SIGINT, 15 for SIGTERM; nil where none came.
    public var signal: Int32?
    /// The script raised, or could not be loaded.
    public var scriptFailed = false
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

  public init(_ verdict: Verdict, _ ending: Ending, branchesFailed: Int) {
    func text(_ count: Int, _ one: String, _ many: String) -> String { count == 1 ? one : "\(count) \(many)" }
    if let signal = ending.signal {
      (exitCode, outcome) = (128 + signal, "interrupted")
      sentence = "interrupted"
      return
    }
    if let exit = ending.exit {
      (exitCode, outcome) = (exit, "exit")
      sentence = "the script called os.exit(\(exit))"
      return
    }
    if ending.scriptFailed || branchesFailed > 0 {
      (exitCode, outcome) = (65, "script_error")
      sentence =
        ending.scriptFailed
        ? "the script raised an error"
        : "\(text(branchesFailed, "a branch", "branches")) of the script raised an error"
      return
    }
    let code = verdict.exitCode
    if let worse = Self.worse(ending.returned, than: code) {
      (exitCode, outcome) = (worse, "returned")
      sentence = "the script returned \(ending.returned ?? "")"
      return
    }
    exitCode = code
    switch code {
    case 0:
      (outcome, sentence) = ("good", verdict.good == 0 ? "nothing was asked for" : "all targets are good")
    case 1: (outcome, sentence) = ("warnings", "all targets are good, \(verdict.warnings) with warnings")
    case 2:
      (outcome, sentence) = (
        "partial", "\(verdict.bad.count) of \(verdict.good + verdict.bad.count) targets not good"
      )
    case 4: (outcome, sentence) = ("failed_to_start", "what is not good failed to start")
    case 5: (outcome, sentence) = ("killed", "what is not good was killed")
    case 18: (outcome, sentence) = ("unreachable", "nothing got through to the Command Center")
    case 20:
      (outcome, sentence) = ("needs_operator", "a human has to look: it is not known what became of a submit")
    default: (outcome, sentence) = ("none_good", "no target is good")
    }
  }

  /// The exit code of the script's own verdict, where it is worse than `code`.
  private static func worse(_ returned: String?, than code: Int32) -> Int32? {
    guard code <= 1, let returned else { return nil }
    if returned == "false" { return 2 }
    guard let number = Int32(returned), number > code, number < 256 else { return nil }
    return number
  }
}
