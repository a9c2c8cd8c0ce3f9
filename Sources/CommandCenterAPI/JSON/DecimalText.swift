/// The most bytes that an integer of 64 bits takes in decimal.
let longestInteger = 20

/// Writes `value` in decimal to `target`, which has room for ``longestInteger`` bytes.
///
/// - Returns: the end of what was written.
@inline(__always)
func writeDecimal(
  _ value: Int64, to target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  // Most numbers of a payload are ids of a few digits.
  if UInt64(bitPattern: value) < 10 {
    target[0] = 0x30 &+ UInt8(truncatingIfNeeded: value)
    return target + 1
  }
  return writeLongDecimal(value, to: target)
}

@inline(never)
private func writeLongDecimal(
  _ value: Int64, to target: UnsafeMutablePointer<UInt8>
) -> UnsafeMutablePointer<UInt8> {
  var start = target
  var rest = value.magnitude
  if value < 0 {
    start[0] = UInt8(ascii: "-")
    start += 1
  }
  let count = digitCount(rest)
  var index = count &- 1
  while index > 0 {
    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
    start[index] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
    rest = quotient
    index &-= 1
  }
  start[0] = 0x30 &+ UInt8(truncatingIfNeeded: rest)
  return start + count
}

private func digitCount(_ value: UInt64) -> Int {
  var count = 1
  var rest = value
  while rest >= 10_000 {
    rest /= 10_000
    count &+= 4
  }
  if rest >= 1000 { return count &+ 3 }
  if rest >= 100 { return count &+ 2 }
  return rest >= 10 ? count &+ 1 : count
}
