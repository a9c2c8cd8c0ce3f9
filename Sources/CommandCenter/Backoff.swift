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
