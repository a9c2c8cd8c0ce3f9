/// What a file of the time zone database says (TZif, RFC 9636): when clocks change, and to what.
struct ZoneTable: Hashable, Sendable {
  /// Seconds since 1970, ascending.
  private var changes: [Int] = []
  /// Seconds east of Greenwich from each change on.
  private var offsets: [Int] = []
  /// Before the first change.
  private var first = 0
  /// After the last one.
  private var rule: ZoneRule?

  /// Nil for bytes that are no such file.
  init?(_ bytes: [UInt8]) {
    guard let old = Block(bytes, at: 0, wide: false) else { return nil }
    // The first block is for readers of the seventies' 32 bits; from version 2 on a second one follows.
    var block = old
    if old.version > 0 {
      guard let wide = Block(bytes, at: old.end, wide: true) else { return nil }
      block = wide
      let footer = bytes[wide.end...]
      guard footer.first == 10, let end = footer.dropFirst().firstIndex(of: 10) else { return nil }
      let text = String(decoding: footer[(wide.end + 1)..<end], as: UTF8.self)
      if !text.isEmpty {
        guard let rule = ZoneRule(text) else { return nil }
        self.rule = rule
      }
    }
    changes = block.changes
    offsets = block.kinds.map { block.offsets[$0] }
    first = block.offsets[0]
  }

  /// Seconds east of Greenwich at so many seconds since 1970.
  func offset(at seconds: Int) -> Int {
    if let rule, changes.last.map({ seconds >= $0 }) ?? true { return rule.offset(at: seconds) }
    // How many changes have been.
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : offsets[low - 1]
  }

  /// One of a file's two blocks.
  private struct Block {
    let version: UInt8
    var changes: [Int] = []
    var kinds: [Int] = []
    var offsets: [Int] = []
    let end: Int

    init?(_ bytes: [UInt8], at start: Int, wide: Bool) {
      func number(_ at: Int, _ size: Int) -> Int {
        let value = bytes[at..<(at + size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
      }
      let header = 44
      guard bytes.count >= start + header, bytes[start..<(start + 4)].elementsEqual("TZif".utf8) else {
        return nil
      }
      version = bytes[start + 4]
      let counts = (0..<6).map { number(start + 20 + $0 * 4, 4) }
      let (isUTC, isStandard, leaps, times, types, letters) = (
        counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]
      )
      guard counts.allSatisfy({ (0...100_000) ~= $0 }), types > 0 else { return nil }
      let width = wide ? 8 : 4
      let kindsAt = start + header + times * width
      let typesAt = kindsAt + times
      end = typesAt + types * 6 + letters + leaps * (width + 4) + isStandard + isUTC
      guard bytes.count >= end else { return nil }
      changes = (0..<times).map { number(start + header + $0 * width, width) }
      kinds = bytes[kindsAt..<typesAt].map(Int.init)
      offsets = (0..<types).map { number(typesAt + $0 * 6, 4) }
      guard kinds.allSatisfy({ $0 < types }), zip(changes, changes.dropFirst()).allSatisfy({ $0 < $1 }) else {
        return nil
      }
    }
  }
}
