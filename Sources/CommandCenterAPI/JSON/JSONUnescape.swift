/// Writes the inside of a JSON string without its escapes, which have been checked. The text never gets
/// longer by it, so `target` needs room for `raw.count` bytes.
///
/// - Returns: how many bytes were written.
func writeUnescaped(_ raw: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>) -> Int {
  guard var from = raw.baseAddress else { return 0 }
  let end = from + raw.count
  var to = target
  while from < end {
    guard from.pointee == UInt8(ascii: "\\") else {
      to.pointee = from.pointee
      from += 1
      to += 1
      continue
    }
    guard from[1] == UInt8(ascii: "u") else {
      to.pointee = unescaped(from[1])
      from += 2
      to += 1
      continue
    }
    // Every scalar has a form in UTF-8.
    for byte in UTF8.encode(unicodeEscape(&from, end))! {
      to.pointee = byte
      to += 1
    }
  }
  return to - target
}

/// The number that four hexadecimal digits at `digits` make; nil where one of them is none.
func hexadecimalUnit(_ digits: UnsafePointer<UInt8>) -> UInt32? {
  var value: UInt32 = 0
  for index in 0..<4 {
    let digit: UInt8
    switch digits[index] {
    case 0x30...0x39: digit = digits[index] - 0x30
    case 0x41...0x46: digit = digits[index] - 0x37
    case 0x61...0x66: digit = digits[index] - 0x57
    default: return nil
    }
    value = value << 4 | UInt32(digit)
  }
  return value
}

private func unescaped(_ letter: UInt8) -> UInt8 {
  switch letter {
  case UInt8(ascii: "b"): 0x08
  case UInt8(ascii: "f"): 0x0C
  case UInt8(ascii: "n"): 0x0A
  case UInt8(ascii: "r"): 0x0D
  case UInt8(ascii: "t"): 0x09
  default: letter
  }
}

/// The scalar that one `\u` escape means, or two that make a surrogate pair; U+FFFD for half a pair.
private func unicodeEscape(
  _ from: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
) -> Unicode.Scalar {
  let high = hexadecimalUnit(from + 2) ?? 0
  from += 6
  if let scalar = Unicode.Scalar(high) { return scalar }
  guard high < 0xDC00, end - from >= 6, from[0] == UInt8(ascii: "\\"), from[1] == UInt8(ascii: "u"),
    let low = hexadecimalUnit(from + 2), low >= 0xDC00, low < 0xE000
  else { return "\u{FFFD}" }
  from += 6
  return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
}
