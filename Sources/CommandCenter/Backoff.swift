/// How long to wait before the next try: each time twice as long, up to a limit.
struct Backoff {
  private(set) var delay: Duration
  private let most: Duration

  init(from first: Duration, upTo most: Duration) {
    delay = first
    self.most = most
  }

  mutating func advance() {
    delay = min(delay * 2, most)
  }
}

/// Chance, the same for the same seed (SplitMix64): it keeps many clients from trying again all at once.
struct Jitter {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Between three quarters and five quarters of `duration`.
  mutating func around(_ duration: Duration) -> Duration {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    return duration * 3 / 4 + duration / 2 * (Double(mixed >> 11) / Double(1 << 53))
  }
}
