import Clock

/// Which request may go out when, so that a server's limits are kept; without any I/O. Whoever must wait does
/// so in line: first come, first served among its kind, and what writes before what reads.
struct RateBudget {
  /// What a request counts as.
  enum Kind: CaseIterable {
    /// Makes or changes something.
    case write
    /// Only asks.
    case read
    /// Asks for a list of jobs by `POST /Jobs`.
    case list
  }

  /// How often a server that says nothing about when is asked again.
  private static let firstPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(300)
  /// However long a server wants us to wait: it is asked again after that.
  private static let mostPause = Duration.seconds(3600)
  /// Which part of the writes is kept for lists where these count as writes: one in so many.
  private static let listShare = 4

  private(set) var limits: RateLimits
  private var windows: [Kind: SlidingWindow] = [:]
  private var lines: [Kind: [Int]] = [:]
  private var lastNumber = 0
  private var pauses: [Kind: Backoff] = [:]

  init(_ limits: RateLimits) {
    self.limits = limits
    for kind in Kind.allCases { windows[kind] = SlidingWindow(Self.rate(of: kind, limits)) }
  }

  /// How many wait.
  var waiting: Int { lines.values.reduce(0) { $0 + $1.count } }

  func waiting(_ kind: Kind) -> Int { lines[kind]?.count ?? 0 }

  /// Until when the server wants none of a kind; nil or in the past where it takes them.
  func closedUntil(_ kind: Kind) -> Moment? { windows[window(kind)]?.closedUntil }

  // MARK: Asking to go

  /// Lets a request go at once where nobody waits before it and the limits allow it.
  mutating func admit(_ kind: Kind, at now: Moment) -> Bool {
    let window = window(kind)
    guard waiting(kind) == 0, windows[window]?.opening ?? now <= now else { return false }
    windows[window]?.note(at: now)
    return true
  }

  /// Counts a request that does not wait, such as a login.
  mutating func note(_ kind: Kind, at now: Moment) {
    windows[window(kind)]?.note(at: now)
  }

  /// Stands in line.
  mutating func enqueue(_ kind: Kind) -> Int {
    lastNumber += 1
    lines[kind, default: []].append(lastNumber)
    return lastNumber
  }

  /// Leaves the line.
  mutating func withdraw(_ number: Int) {
    for kind in Kind.allCases { lines[kind]?.removeAll { $0 == number } }
  }

  /// Those who may go now, in order. They are counted, and in line no more.
  mutating func grant(at now: Moment) -> [Int] {
    var granted: [Int] = []
    for kind in Kind.allCases {
      let window = window(kind)
      while let number = lines[kind]?.first, windows[window]?.opening ?? now <= now {
        lines[kind]?.removeFirst()
        windows[window]?.note(at: now)
        granted.append(number)
      }
    }
    return granted
  }

  /// When ``grant(at:)`` has something to grant; nil where nobody waits.
  func nextGrant(at now: Moment) -> Moment? {
    Kind.allCases.compactMap { kind -> Moment? in
      guard waiting(kind) > 0 else { return nil }
      return max(now, windows[window(kind)]?.opening ?? now)
    }.min()
  }

  // MARK: What servers tell

  /// The server has refused a request because there were too many (HTTP 429).
  mutating func refused(_ kind: Kind, _ advice: RateAdvice, at now: Moment) {
    if let rate = advice.rate { learn(rate, for: kind) }
    var pause = pauses[kind] ?? Backoff(from: Self.firstPause, upTo: Self.longestPause)
    let window = window(kind)
    var until = now + pause.delay
    if let wanted = advice.retryAfter {
      until = now + max(.zero, wanted)
    } else if let opening = windows[window]?.opening {
      until = max(until, opening)
    }
    pause.advance()
    pauses[kind] = pause
    windows[window]?.close(until: min(until, now + Self.mostPause))
  }

  /// The server has taken a request.
  mutating func accepted(_ kind: Kind) {
    if pauses[kind] != nil { pauses[kind] = nil }
  }

  private mutating func learn(_ rate: RateLimits.Rate, for kind: Kind) {
    if kind == .write || (kind == .list && limits.jobListsAreWrites) {
      limits.writes = Self.stricter(limits.writes, rate)
    } else {
      limits.reads = Self.stricter(limits.reads, rate)
    }
    for kind in Kind.allCases { windows[kind]?.set(Self.rate(of: kind, limits)) }
  }

  private static func stricter(_ old: RateLimits.Rate?, _ new: RateLimits.Rate) -> RateLimits.Rate {
    guard let old else { return new }
    let oldPace = old.period.inSeconds / Double(old.requests)
    let newPace = new.period.inSeconds / Double(new.requests)
    return newPace > oldPace ? new : old
  }

  // MARK: Foresight

  /// When the last of `count` submits, behind those that wait already, goes out.
  func departure(ofLast count: Int, at now: Moment) -> Moment {
    windows[.write]?.departure(ofLast: waiting(.write) + count, now: now) ?? now
  }

  /// How far apart questions about jobs must be on average so that they, however long the night is, leave
  /// something for others; zero where there is no limit.
  var pollSpacing: Duration {
    let kind = window(.list)
    guard let rate = windows[kind]?.rate else { return .zero }
    // Lists that count as writes have their part to themselves; else lookups of scripts want some, too.
    let share = kind == .list ? 1.0 : 0.75
    let seconds = rate.period.inSeconds / (Double(rate.requests) * share)
    return .nanoseconds(Int64(seconds * 1.05e9))
  }

  /// Where a kind is counted.
  private func window(_ kind: Kind) -> Kind {
    kind == .list && !limits.jobListsAreWrites ? .read : kind
  }

  private static func rate(of kind: Kind, _ limits: RateLimits) -> RateLimits.Rate? {
    guard let writes = limits.writes, limits.jobListsAreWrites else {
      return kind == .write ? limits.writes : limits.reads
    }
    let lists = max(1, writes.requests / listShare)
    switch kind {
    case .write: return RateLimits.Rate(writes.requests - lists, per: writes.period)
    case .list: return RateLimits.Rate(lists, per: writes.period)
    case .read: return limits.reads
    }
  }
}
