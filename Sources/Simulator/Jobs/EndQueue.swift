import Clock

/// The active jobs by the time at which they will end, soonest first: a binary heap.
///
/// A job whose end changes is put in again; who takes it out tells the entry that holds from the others.
struct EndQueue {
  struct Entry {
    let end: Moment
    let job: Int

    /// Jobs that end at one moment come in the order of their ids.
    func isBefore(_ other: Entry) -> Bool {
      end == other.end ? job < other.job : end < other.end
    }
  }

  private var heap: [Entry] = []

  mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].isBefore(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the soonest entry out, where it is no later than `limit`.
  mutating func popFirst(notAfter limit: Moment) -> Entry? {
    guard let first = heap.first, first.end <= limit else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].isBefore(heap[smallest]) {
        smallest = child
      }
      if smallest == parent { return first }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
