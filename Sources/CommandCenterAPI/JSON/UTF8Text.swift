/// Whether `bytes` are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
public func isValidUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  guard var next = bytes.baseAddress else { return true }
  let end = next + bytes.count
  while next < end {
    if end - next >= 8, Word.load(next) & Word.highBits == 0 {
      next += 8
    } else if next.pointee < 0x80 {
      next += 1
    } else {
      let length = lengthOfUTF8Sequence(next, end)
      if length == 0 { return false }
      next += length
    }
  }
  return true
}

/// The length of the well-formed sequence of several bytes that starts at `start`, or 0 where there is none.
func lengthOfUTF8Sequence(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
  func continues(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
    start + offset < end && range.contains(start[offset])
  }
  switch start.pointee {
  case 0xC2...0xDF: return continues(1) ? 2 : 0
  case 0xE0: return continues(1, 0xA0...0xBF) && continues(2) ? 3 : 0
  case 0xED: return continues(1, 0x80...0x9F) && continues(2) ? 3 : 0
  case 0xE1...0xEF: return continues(1) && continues(2) ? 3 : 0
  case 0xF0: return continues(1, 0x90...0xBF) && continues(2) && continues(3) ? 4 : 0
  case 0xF1...0xF3: return continues(1) && continues(2) && continues(3) ? 4 : 0
  case 0xF4: return continues(1, 0x80...0x8F) && continues(2) && continues(3) ? 4 : 0
  default: return 0
  }
}

/// Eight bytes of text looked at in one go.
enum Word {
  static let highBits: UInt64 = 0x8080_8080_8080_8080
  static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The eight bytes at `address`, the first one lowest.
  @inline(__always)
  static func load(_ address: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(address).loadUnaligned(as: UInt64.self))
  }

  /// The `count` bytes at `address`, fewer than eight, the first one lowest and spaces above them. Reads
  /// nothing beyond them.
  @inline(__always)
  static func load(_ address: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
    let raw = UnsafeRawPointer(address)
    let padding = (0x2020_2020_2020_2020 as UInt64) << UInt64(truncatingIfNeeded: count &* 8)
    if count >= 4 {
      let low = UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
      let high = UInt64(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
      return low | high &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8) | padding
    }
    if count == 0 { return padding }
    let first = UInt64(address[0])
    let middle = UInt64(address[count &>> 1]) &<< UInt64(truncatingIfNeeded: (count &>> 1) &* 8)
    let last = UInt64(address[count &- 1]) &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
    return first | middle | last | padding
  }

  @inline(__always)
  static func store(_ word: UInt64, _ address: UnsafeMutablePointer<UInt8>) {
    UnsafeMutableRawPointer(address).storeBytes(of: word.littleEndian, as: UInt64.self)
  }

  /// The high bit of each byte that may not stand in a JSON string as it is: control characters, `"`, `\`,
  /// and those beyond ASCII, which want a check. Exact up to the lowest one set.
  @inline(__always)
  static func special(_ word: UInt64) -> UInt64 {
    let control = word &- ones &* 0x20
    let quote = (word ^ (ones &* 0x22)) &- ones
    let backslash = (word ^ (ones &* 0x5C)) &- ones
    return (control | quote | backslash | word) & highBits
  }

  /// How many bytes stand below the lowest one that ``special(_:)`` marked.
  @inline(__always)
  static func cleanBytes(_ marks: UInt64) -> Int { marks.trailingZeroBitCount &>> 3 }
}
