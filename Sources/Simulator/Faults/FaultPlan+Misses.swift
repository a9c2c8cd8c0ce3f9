import CommandCenterAPI

extension FaultPlan {
  /// A part of a plan that has met nothing, most likely since it is misspelt.
  public struct Miss: Hashable, Sendable {
    /// Which part of the plan it is, from 0.
    public let part: Int
    /// A clause that says why, and what was meant where that can be guessed.
    public let reason: String
  }

  /// What of the plan has met nothing in these Command Centers, which all have it.
  public func misses(in simulators: [Simulator]) -> [Miss] {
    let counts = simulators.map(\.faultCounts)
    let missing = rules.indices.filter { index in
      !counts.contains { $0[index] >= rules[index].ordinal ?? 1 }
    }
    guard !missing.isEmpty else { return [] }
    let submitted = simulators.flatMap(\.submittedSubjects)
    return missing.map { index in
      let most = counts.map { $0[index] }.max() ?? 0
      return Miss(part: index, reason: rules[index].reasonToMiss(most, submitted))
    }
  }
}

extension FaultPlan.Rule {
  /// - Parameters:
  ///   - count: how often it matched, less than its ordinal.
  ///   - submitted: all that there was.
  fileprivate func reasonToMiss(_ count: Int, _ submitted: [FaultPlan.Subject]) -> String {
    let what = requests == nil ? "submit" : "request"
    if count > 0 {
      return "there \(count == 1 ? "was one such \(what)" : "were \(count) such \(what)s") only"
    }
    guard requests == nil else { return "there was no such request" }
    guard !submitted.isEmpty else { return "nothing was submitted" }
    let ofKind = submitted.filter { subject in kind.map { $0 == subject.kind } ?? true }
    let noun = kind?.rawValue ?? "target"
    guard !ofKind.isEmpty, let name else { return "no \(noun) was submitted" }
    let names = Set(ofKind.flatMap { $0.names + $0.ids.map(String.init) }).sorted()
    let hint = didYouMean(name, among: names).map { "; did you mean \($0)?" } ?? ""
    return "no \(noun) of that name or id was submitted\(hint)"
  }
}
