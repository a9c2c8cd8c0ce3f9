internal import Clock
internal import Journal
internal import Synchronization

/// Those of a run who wait for permits, in the order of their coming.
///
/// They are asked for one after another when something was freed, and after a while, since other processes free
/// pools too. Who stands behind one that waits is not asked for: it could not be granted either.
final class PoolLine: Sendable {
  /// What became of a wait.
  enum End: Sendable {
    case granted
    /// Its moment has passed.
    case tooLate
    /// Nobody wants it any more.
    case withdrawn
    case stopped(RunStop)
  }

  /// One who waits.
  struct Place: Sendable {
    /// The names of the pools, as the journal has them.
    let pools: Set<String>
    /// Asks for the permits. `others` counts the jobs of others; nil on coming, before anybody has counted.
    let ask: @Sendable (_ others: OtherJobs?) async throws(RunStop) -> PermitAnswer
    /// Gives the place back.
    let leave: @Sendable () async -> Void
    /// A moment after which it waits no more.
    let latest: Moment?
    /// How long until a look whether others have freed something; nil where nobody else can.
    let period: Duration?
    /// Called before such a look, with those pools that somebody waits for.
    let beforeLook: @Sendable (Set<String>) async -> Void
  }

  private final class Waiter: Sendable {
    let number: Int
    let place: Place
    let end: OneAnswer<End>

    init(_ number: Int, _ place: Place, _ clock: any RunClock) {
      (self.number, self.place) = (number, place)
      end = OneAnswer(clock)
    }
  }

  private struct State {
    var lastNumber = 0
    private(set) var waiters: [Waiter] = []
    /// How many wait for each pool.
    private(set) var counts: [String: Int] = [:]
    /// Those that are being asked for, and why they are to leave when the answer is there.
    var asking: Set<Int> = []
    var leaving: [Int: End] = [:]
    var isSweeping = false
    /// Something was freed since the sweep that is under way began.
    var isDirty = false
    var hasTimer = false
    /// So often was something freed.
    var frees = 0

    mutating func add(_ waiter: Waiter) {
      waiters.append(waiter)
      for pool in waiter.place.pools { counts[pool, default: 0] += 1 }
    }

    /// - Returns: false where it waits no more.
    @discardableResult
    mutating func remove(_ waiter: Waiter) -> Bool {
      guard let index = waiters.firstIndex(where: { $0 === waiter }) else { return false }
      waiters.remove(at: index)
      for pool in waiter.place.pools {
        let left = (counts[pool] ?? 1) - 1
        counts[pool] = left == 0 ? nil : left
      }
      return true
    }
  }

  private let clock: any RunClock
  private let executor: (any TaskExecutor)?
  private let state = Mutex(State())

  init(clock: any RunClock, executor: (any TaskExecutor)?) {
    (self.clock, self.executor) = (clock, executor)
  }

  /// Waits for permits. Called with a hold on the clock.
  ///
  /// - Parameter willWait: called where they are not to be had at once.
  func enter(
    _ place: Place, withdrawal: Withdrawal?, willWait: @Sendable (PermitWait) -> Void
  ) async -> End {
    let (waiter, frees) = state.withLock { state in
      state.lastNumber += 1
      let waiter = Waiter(state.lastNumber, place, clock)
      state.add(waiter)
      state.asking.insert(waiter.number)
      return (waiter, state.frees)
    }
    switch await ask(waiter, nil) {
    case .ended(let end): return end
    case .waits(let wait): willWait(wait)
    }
    // Whoever freed something meanwhile did not ask for this one.
    let mustLook = state.withLock { $0.frees != frees }
    if mustLook { sweepSoon() }
    setTimer(place)
    withdrawal?.whenHappened { [weak self] in self?.remove(waiter, .withdrawn) }
    let alarm = place.latest.map { latest in
      clock.schedule(at: latest + .nanoseconds(1)) { [self] in
        remove(waiter, .tooLate)
        clock.release()
      }
    }
    let end = await waiter.end.value()
    if let alarm { clock.cancel(alarm) }
    return end
  }

  /// Something was given back: asks for those who wait.
  func freed() {
    state.withLock { $0.frees += 1 }
    sweepSoon()
  }

  /// Somebody who waits leaves, now or when the answer that is under way is there and says to wait.
  private func remove(_ waiter: Waiter, _ end: End) {
    let isNow = state.withLock { state in
      guard state.waiters.contains(where: { $0 === waiter }) else { return false }
      if state.asking.contains(waiter.number) {
        state.leaving[waiter.number] = end
        return false
      }
      state.remove(waiter)
      return true
    }
    guard isNow else { return }
    clock.hold()
    Task(executorPreference: executor) { [self] in
      await waiter.place.leave()
      waiter.end.give(end)
      freed()
      clock.release()
    }
  }

  // MARK: asking

  private enum Asked {
    case ended(End)
    case waits(PermitWait)
  }

  /// Asks for one that is marked as being asked for.
  private func ask(_ waiter: Waiter, _ others: OtherJobs?) async -> Asked {
    var asked: Asked
    do throws(RunStop) {
      switch try await waiter.place.ask(others) {
      case .granted: asked = .ended(.granted)
      case .waiting(let wait): asked = .waits(wait)
      }
    } catch {
      asked = .ended(.stopped(error))
    }
    let leaves = state.withLock { state -> Bool in
      state.asking.remove(waiter.number)
      let leaving = state.leaving.removeValue(forKey: waiter.number)
      guard case .waits = asked else {
        state.remove(waiter)
        return false
      }
      guard let leaving else { return false }
      state.remove(waiter)
      asked = .ended(leaving)
      return true
    }
    if leaves {
      await waiter.place.leave()
      freed()
    }
    return asked
  }

  private func sweepSoon() {
    let starts = state.withLock { state -> Bool in
      if state.waiters.isEmpty { return false }
      state.isDirty = true
      if state.isSweeping { return false }
      state.isSweeping = true
      return true
    }
    guard starts else { return }
    clock.hold()
    Task(executorPreference: executor) { [self] in
      while state.withLock({ state in
        defer { state.isDirty = false }
        state.isSweeping = state.isDirty
        return state.isDirty
      }) {
        await sweep()
      }
      clock.release()
    }
  }

  /// Asks for each one that may be the first in all its pools.
  private func sweep() async {
    let others = OtherJobs()
    var blocked: Set<String> = []
    // Who is told that somebody is ahead whom it does not know stands behind another process, or behind one
    // that came at the same moment.
    var strangers = 0
    for waiter in state.withLock({ $0.waiters }) {
      guard blocked.isDisjoint(with: waiter.place.pools) else { continue }
      let isFree = state.withLock { state in
        state.waiters.contains { $0 === waiter } && state.asking.insert(waiter.number).inserted
      }
      guard isFree else { continue }
      switch await ask(waiter, others) {
      case .ended(let end): waiter.end.give(end)
      case .waits(let wait):
        if wait.ahead > 0, strangers < Self.mostStrangers {
          strangers += 1
        } else {
          blocked.formUnion(waiter.place.pools)
          // Thousands may stand behind.
          if state.withLock({ state in state.counts.keys.allSatisfy(blocked.contains) }) { return }
        }
      }
    }
  }

  private static let mostStrangers = 8

  // MARK: looking after a while

  private func setTimer(_ place: Place) {
    guard let period = place.period else { return }
    let isFirst = state.withLock { state in
      guard !state.hasTimer, !state.waiters.isEmpty else { return false }
      state.hasTimer = true
      return true
    }
    guard isFirst else { return }
    clock.schedule(at: clock.now + period) { [self] in
      Task(executorPreference: executor) {
        await self.look()
        self.clock.release()
      }
    }
  }

  private func look() async {
    let places = state.withLock { state in
      state.hasTimer = false
      return state.waiters.map(\.place)
    }
    guard let first = places.first(where: { $0.period != nil }) else { return }
    await first.beforeLook(places.reduce(into: Set<String>()) { $0.formUnion($1.pools) })
    sweepSoon()
    setTimer(first)
  }
}
