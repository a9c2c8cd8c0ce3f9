import CommandCenterAPI

/// A part of `plan --assume`: how a target's backup comes out, and the simulator's fault that makes it so.
struct Assumption {
  /// As it was typed.
  let text: String
  let fault: String

  /// The faults of outcomes. A job that runs for days goes beyond the longest time-out that is usual.
  private static let faults: [(outcome: Outcome, fault: String)] = [
    (.warnings, "warnings"), (.errors, "errors"), (.committed, "committed"), (.failed, "fail"),
    (.failedToStart, "failed_to_start"), (.killed, "killed"), (.busy, "busy"), (.rejected, "reject"),
    (.gaveUp, "slow=72h"), (.ambiguous, "drop-answer"),
  ]

  /// What can be assumed, for people.
  static let list =
    ([Outcome.completed] + faults.map(\.outcome)).map(\.rawValue).joined(separator: ", ")

  /// Reads `rds:failed,dynamodb/1042:killed@1`. That one completes is assumed anyway, so it asks for nothing.
  static func read(_ text: String) throws(UsageError) -> [Assumption] {
    var assumptions: [Assumption] = []
    for part in text.split(separator: ",") {
      guard let colon = part.lastIndex(of: ":") else {
        throw UsageError("--assume takes TARGET:OUTCOME, such as rds:failed, not \"\(part)\"")
      }
      let rest = part[part.index(after: colon)...].drop { $0 == " " }
      let outcome = String(rest.prefix { $0 != "@" && $0 != " " })
      if outcome == Outcome.completed.rawValue { continue }
      guard let fault = faults.first(where: { $0.outcome.rawValue == outcome })?.fault else {
        throw UsageError("--assume: \(reason(against: outcome))")
      }
      assumptions.append(
        Assumption(
          text: part.split(separator: " ").joined(separator: " "),
          fault: "\(part[...colon])\(fault)\(rest.dropFirst(outcome.count))"))
    }
    return assumptions
  }

  private static func reason(against word: String) -> String {
    switch Outcome(rawValue: word) {
    case .skipped:
      return "what is skipped the script or its window decides, so it cannot be assumed; assume \(list)"
    case .unreachable:
      return
        "it is a Command Center that is unreachable, and no target, so it cannot be assumed; assume \(list)"
    case .error:
      return "\"error\" is a branch that raises, and no backup, so it cannot be assumed; assume \(list)"
    default:
      let known = [Outcome.completed.rawValue] + faults.map(\.outcome.rawValue)
      let hint = didYouMean(word, among: known).map { "did you mean \($0)?" }
      return "\"\(word)\" is no outcome to assume; \(hint ?? "there are \(list)")"
    }
  }
}
