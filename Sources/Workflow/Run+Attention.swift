extension Run {
  /// What needs a human so far, in the order in which it came up; each once.
  public var attention: [AttentionReason] { bounds.with { $0.reasons } }

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
    Verdict(
      attempts, expected: expectation, isHeldBack: attention.contains { $0.kind == .maxSubmits })
  }
}
