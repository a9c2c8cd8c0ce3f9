public import Clock

/// What a run has come to, when nothing more happens in it: what its closing views and its exit code are made of.
public struct RunEnd: Sendable {
  public let moment: Moment
  public let attempts: [Attempt]
  public let conclusion: Conclusion
  public let attention: [AttentionReason]
  /// What happened besides the backups.
  public let ending: Conclusion.Ending
  /// What the conclusion's sentence does not say.
  public let warnings: [String]

  /// Ends the run: nothing is submitted any more.
  ///
  /// - Parameter exitMap: `--exit-map`
  public init(_ run: Run, _ ending: Conclusion.Ending, exitMap: [Int32: Int32] = [:]) {
    run.closeSubmits()
    self.ending = ending
    moment = run.clock.now
    attempts = run.attempts
    let verdict = run.verdict
    let conclusion = Conclusion(verdict, ending, branchesFailed: run.failures.count)
    var warnings: [String] = []
    // Who interrupts a run knows that it has not reached everything.
    if verdict.isShort, ending.signal == nil {
      run.raise(AttentionReason(.targets, verdict.shortfall))
      if conclusion.outcome != "short" { warnings.append(verdict.shortfall) }
    }
    self.conclusion = conclusion.mapped(by: exitMap)
    self.warnings = warnings
    attention = run.attention
  }
}
