import HeapModule

/// The timers of a clock, soonest first; those of one deadline in the order of their scheduling.
struct TimerQueue {
  private struct Entry: Comparable {
    let deadline: Moment
    let number: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      left.deadline == right.deadline ? left.number < right.number : left.deadline < right.deadline
    }
  }

  private var heap = Heap<Entry>()
  private var actions: [UInt64: @Sendable () -> Void] = [:]
  private var last: UInt64 = 0

  var isEmpty: Bool { actions.isEmpty }

  mutating func insert(at deadline: Moment, _ fire: @escaping @Sendable () -> Void) -> TimerID {
    last += 1
    heap.insert(Entry(deadline: deadline, number: last))
    actions[last] = fire
    return TimerID(number: last)
  }

  mutating func remove(_ timer: TimerID) -> Bool {
    guard actions.removeValue(forKey: timer.number) != nil else { return false }
    // The heap keeps the entry until it comes up; a heap mostly of such entries is built anew.
    if heap.count > 64 && heap.count > 2 * actions.count {
      heap = Heap(heap.unordered.filter { actions[$0.number] != nil })
    }
    return true
  }

  /// The soonest deadline.
  var nextDeadline: Moment? {
    mutating get {
      while let entry = heap.min {
        if actions[entry.number] != nil { return entry.deadline }
        heap.removeMin()
      }
      return nil
    }
  }

  /// Takes the soonest timer out, where its deadline is no later than `limit`.
  mutating func popFirst(notAfter limit: Moment) -> (deadline: Moment, fire: @Sendable () -> Void)? {
    guard let deadline = nextDeadline, deadline <= limit else { return nil }
    let entry = heap.removeMin()
    guard let fire = actions.removeValue(forKey: entry.number) else { return nil }
    return (deadline, fire)
  }
}
