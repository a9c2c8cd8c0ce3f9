internal import Journal

/// The permits of a run without a journal: nobody else shares its pools.
///
/// It answers as the journal does: first come, first served, all of the shares or none.
struct LocalPermits: Sendable {
  private struct Standing {
    var inUse = 0
    /// How many of those who are in it were promised each max.
    var promises: [Int: Int] = [:]
    var waiting = 0
  }

  private var pools: [String: Standing] = [:]
  private var granted: [String: [PoolShare]] = [:]
  /// In the order of their coming.
  private var line: [(step: String, shares: [PoolShare])] = []
  private var inLine: Set<String> = []

  /// Asks for permits; asking again keeps the place.
  mutating func request(_ step: String, _ shares: [PoolShare]) -> PermitAnswer {
    if granted[step] != nil { return .granted }
    // Whoever asks again is mostly the first.
    let index = inLine.contains(step) ? line.firstIndex { $0.step == step } : nil
    for share in shares {
      guard let wait = wait(for: share, index) else { continue }
      if let index {
        line[index].shares = shares
      } else {
        line.append((step, shares))
        inLine.insert(step)
        for share in shares { pools[share.pool, default: Standing()].waiting += 1 }
      }
      return .waiting(wait)
    }
    if index != nil { _ = free(step) }
    granted[step] = shares
    for share in shares {
      pools[share.pool, default: Standing()].inUse += share.weight
      pools[share.pool, default: Standing()].promises[share.max, default: 0] += 1
    }
    return .granted
  }

  /// - Parameter index: its place in the line; nil for one that comes.
  private func wait(for share: PoolShare, _ index: Int?) -> PermitWait? {
    let standing = pools[share.pool] ?? Standing()
    let inUse = standing.inUse + share.outside
    let most = min(share.max, standing.promises.keys.min() ?? share.max)
    let ahead =
      index.map { index in
        line[..<index].count { other in other.shares.contains { $0.pool == share.pool } }
      } ?? standing.waiting
    if ahead == 0, inUse + share.weight <= most { return nil }
    return PermitWait(pool: share.pool, inUse: inUse, max: most, ahead: ahead)
  }

  /// Gives back what a step has, or its place.
  ///
  /// - Returns: whether it had any.
  mutating func free(_ step: String) -> Bool {
    if let shares = granted.removeValue(forKey: step) {
      for share in shares {
        pools[share.pool]?.inUse -= share.weight
        let left = (pools[share.pool]?.promises[share.max] ?? 1) - 1
        pools[share.pool]?.promises[share.max] = left == 0 ? nil : left
      }
      return true
    }
    guard inLine.remove(step) != nil, let index = line.firstIndex(where: { $0.step == step }) else {
      return false
    }
    for share in line.remove(at: index).shares { pools[share.pool]?.waiting -= 1 }
    return true
  }
}
