extension Run {
  /// What needs a human so far, in the order in which it came up; each once. Jobs that were given up do not, where a
  /// later attempt took them up and came to a good end with them.
  public var attention: [AttentionReason] {
    let reasons = bounds.with { $0.reasons }
    guard reasons.contains(where: { !$0.openJobs.isEmpty }) else { return reasons }
    let good = attempts.filter(\.isOk).reduce(into: Set<String>()) { $0.formUnion($1.namedJobs) }
    return reasons.filter { $0.openJobs.isEmpty || !$0.openJobs.isSubset(of: good) }
  }

  /// Notes that something needs a human, and tells of it.
  public func raise(_ reason: AttentionReason) {
    let isNew = bounds.with { state in
      if state.reasons.contains(reason) { return false }
      state.reasons.append(reason)
      return true
    }
    if isNew { tell(.attention(reason)) }
  }

  /// Nothing is submitted any more: what comes now only tells what the run came to.
  public func closeSubmits() { bounds.with { $0.isOver = true } }

  /// What the targets come to, and what was expected of them.
  public var verdict: Verdict {
    Verdict(attempts, expected: expectation)
  }
}
