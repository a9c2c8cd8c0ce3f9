/// The grammar of RFC 8259, value by value.
extension JSONReader {
  func unexpected() -> JSONError {
    next < end ? JSONError(.unexpectedByte(next.pointee), at: offset) : JSONError(.unexpectedEnd, at: offset)
  }

  @inline(__always)
  func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// Goes to the next byte that is no white space, of which there must be one.
  @inline(__always)
  mutating func skipSpace() throws(JSONError) {
    while next < end {
      if !isSpace(next.pointee) { return }
      next += 1
    }
    throw JSONError(.unexpectedEnd, at: offset)
  }

  mutating func expect(_ kind: Kind) throws(JSONError) {
    let found = try peek()
    if found != kind { throw JSONError(.wrongKind(expected: kind, found: found), at: offset) }
    isFirst = false
  }

  mutating func begin() throws(JSONError) {
    guard depth < maxDepth else { throw JSONError(.tooDeep, at: offset) }
    depth += 1
    next += 1
    isFirst = true
  }

  /// Goes past a comma, if one is due, to the next member or element; or past the closing bracket.
  mutating func advance(unless close: UInt8) throws(JSONError) -> Bool {
    try skipSpace()
    if next.pointee == close {
      next += 1
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard next.pointee == UInt8(ascii: ",") else { throw unexpected() }
      next += 1
      try skipSpace()
    }
    return true
  }

  /// As ``nextKey()``, but does not look at the name.
  mutating func nextMember() throws(JSONError) -> Bool {
    guard try advance(unless: UInt8(ascii: "}")) else { return false }
    guard next.pointee == UInt8(ascii: "\"") else { throw unexpected() }
    next += 1
    var hasEscapes = false
    try scanString(&hasEscapes)
    try skipSpace()
    guard next.pointee == UInt8(ascii: ":") else { throw unexpected() }
    next += 1
    return true
  }

  mutating func word(_ text: StaticString) throws(JSONError) {
    isFirst = false
    for index in 0..<text.utf8CodeUnitCount {
      guard next < end, next.pointee == text.utf8Start[index] else { throw unexpected() }
      next += 1
    }
  }

  /// Goes past a number.
  ///
  /// - Returns: whether it has neither fraction nor exponent.
  mutating func scanNumber() throws(JSONError) -> Bool {
    isFirst = false
    let start = next
    func invalid() -> JSONError { JSONError(.invalidNumber, at: start - base) }
    if next.pointee == UInt8(ascii: "-") { next += 1 }
    let digits = next
    guard scanDigits() else { throw invalid() }
    if digits.pointee == UInt8(ascii: "0") && next - digits > 1 { throw invalid() }
    var isInteger = true
    if next < end, next.pointee == UInt8(ascii: ".") {
      isInteger = false
      next += 1
      guard scanDigits() else { throw invalid() }
    }
    if next < end, next.pointee | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      next += 1
      if next < end, next.pointee == UInt8(ascii: "+") || next.pointee == UInt8(ascii: "-") { next += 1 }
      guard scanDigits() else { throw invalid() }
    }
    return isInteger
  }

  mutating func scanDigits() -> Bool {
    let start = next
    while next < end, next.pointee &- 0x30 < 10 { next += 1 }
    return next > start
  }

  /// Goes past a string, from after its opening quote to after its closing one, and checks all of it.
  mutating func scanString(_ hasEscapes: inout Bool) throws(JSONError) {
    isFirst = false
    while true {
      if end - next >= 8 {
        let marks = Word.special(Word.load(next))
        if marks == 0 {
          next += 8
          continue
        }
        next += Word.cleanBytes(marks)
      }
      guard next < end else { throw JSONError(.unexpectedEnd, at: offset) }
      switch next.pointee {
      case UInt8(ascii: "\""):
        next += 1
        return
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try scanEscape()
      case ..<0x20: throw JSONError(.controlCharacter, at: offset)
      case 0x80...:
        let length = lengthOfUTF8Sequence(next, end)
        if length == 0 { throw JSONError(.invalidUTF8, at: offset) }
        next += length
      default: next += 1
      }
    }
  }

  mutating func scanEscape() throws(JSONError) {
    guard end - next >= 2 else { throw JSONError(.unexpectedEnd, at: end - base) }
    switch next[1] {
    case UInt8(ascii: "u"):
      guard end - next >= 6 else { throw JSONError(.unexpectedEnd, at: end - base) }
      guard hexadecimalUnit(next + 2) != nil else { throw JSONError(.invalidEscape, at: offset) }
      next += 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      next += 2
    default: throw JSONError(.invalidEscape, at: offset)
    }
  }

  /// Writes `raw`, whose escapes have been checked, without them into the scratch.
  mutating func unescape(_ raw: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    if (scratch?.count ?? 0) < raw.count {
      scratch?.deallocate()
      scratch = .allocate(capacity: max(256, raw.count * 2))
    }
    // It is there: it was made above, where it had not been before.
    let target = scratch!.baseAddress!
    return UnsafeBufferPointer(start: target, count: writeUnescaped(raw, to: target))
  }
}
