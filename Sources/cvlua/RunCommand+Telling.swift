import Clock
import Journal
import LuaVM
import Scripting
import Workflow

/// Whom a run tells what, besides who watches it.
extension RunCommand {
  /// Nil for a rehearsal, which tells nobody, and where no profile says whom.
  static func telling(
    _ request: RunArguments, _ profiles: Profiles, _ opening: RunOpening?, of run: Run?, clock: any RunClock,
    warn: @escaping @Sendable (String) -> Void
  ) -> Telling? {
    guard !request.simulates, let profile = profiles.own else { return nil }
    return Telling(
      profile, profiles, script: opening?.scriptName ?? request.scriptName ?? "the command line",
      night: run?.night.date ?? Night(start: clock.now).date, ledger: run?.ledger, clock: clock, warn: warn)
  }

  /// A message of the script.
  static func tell(
    _ secret: String?, _ form: Letter.Form, _ body: [UInt8], _ telling: Telling?, _ run: Run
  ) async throws(LuaFailure) {
    if let telling { return try await telling.tell(secret, form, body) }
    let text = String(decoding: body, as: UTF8.self)
    run.log(
      LogLine(
        level: .info, message: "SIMULATED: \(secret ?? form.rawValue) would be told: \(text)", fields: []))
  }

  /// Whether an end is one to call a human for: one that is interrupted goes on, and its last life tells.
  static func needsHuman(_ end: RunEnd, _ run: Run) -> Bool {
    !end.attention.isEmpty && (end.ending.signal == nil || run.ledger == nil)
  }

  /// What the profile's addresses are told of an end; nil for nothing.
  static func notice(_ end: RunEnd, of run: Run, _ opening: RunOpening, _ request: RunArguments) -> Notice? {
    // A closed run has been told of by its own outbox.
    let reasons = end.attention.filter { $0.kind != .closedRun }
    guard needsHuman(end, run), !reasons.isEmpty else { return nil }
    return Notice(
      run: run.ledger?.run.description,
      script: opening.scriptName ?? request.scriptName ?? "the command line", night: run.night.date,
      exit: Int(end.conclusion.exitCode), outcome: end.conclusion.outcome, sentence: end.conclusion.sentence,
      reasons: reasons.map { Notice.Reason(kind: $0.kind.rawValue, target: $0.target, message: $0.message) })
  }
}
