/// Writes text as the inside of a JSON string, escaping what must be, and checks that it is UTF-8 on the way.
///
/// `target` must have room for ``room(for:)`` bytes: words are stored whole, so up to seven bytes beyond the
/// text are overwritten.
///
/// - Returns: the end of what was written, or nil where the text is no UTF-8.
@inline(__always)
func writeEscaped(
  _ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8>? {
  var left = count
  var from = source
  var to = target
  while left >= 8 {
    let word = Word.load(from)
    if Word.special(word) != 0 { return writeEscapedSlowly(from, left, to: to) }
    Word.store(word, to)
    from += 8
    to += 8
    left &-= 8
  }
  let word = Word.load(from, left)
  if Word.special(word) != 0 { return writeEscapedSlowly(from, left, to: to) }
  Word.store(word, to)
  return to + left
}

/// How many bytes of room ``writeEscaped(_:_:to:)`` wants for `count` bytes of text: six for `\u0000`.
@inline(__always)
func roomForEscaped(_ count: Int) -> Int { count &* 6 &+ 8 }

@inline(never)
private func writeEscapedSlowly(
  _ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8>? {
  let end = source + count
  var from = source
  var to = target
  while from < end {
    let left = end - from
    let word = left >= 8 ? Word.load(from) : Word.load(from, left)
    let marks = Word.special(word)
    let clean = min(marks == 0 ? 8 : Word.cleanBytes(marks), left)
    Word.store(word, to)
    from += clean
    to += clean
    if marks == 0 || from == end { continue }
    if from.pointee >= 0x80 {
      let length = lengthOfUTF8Sequence(from, end)
      if length == 0 { return nil }
      to.update(from: from, count: length)
      from += length
      to += length
    } else {
      to = writeEscape(of: from.pointee, to: to)
      from += 1
    }
  }
  return to
}

private func writeEscape(
  of byte: UInt8, to target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  target[0] = UInt8(ascii: "\\")
  let short: Unicode.Scalar
  switch byte {
  case 0x08: short = "b"
  case 0x09: short = "t"
  case 0x0A: short = "n"
  case 0x0C: short = "f"
  case 0x0D: short = "r"
  case UInt8(ascii: "\""): short = "\""
  case UInt8(ascii: "\\"): short = "\\"
  default:
    func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
    target[1] = UInt8(ascii: "u")
    target[2] = UInt8(ascii: "0")
    target[3] = UInt8(ascii: "0")
    target[4] = hex(byte >> 4)
    target[5] = hex(byte & 15)
    return target + 6
  }
  target[1] = UInt8(ascii: short)
  return target + 2
}
