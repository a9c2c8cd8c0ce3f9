/// Overwrites the byte before `to`.
///
/// Not `to[-1] = byte`: the optimizer of Swift 6.3.1 takes a store at a constant index below 0 for one at 0,
/// and drops it where such a one follows. Stores through a raw pointer are safe from that.
@inline(__always)
func replaceLast(_ to: UnsafeMutablePointer<UInt8>, _ byte: UInt8) {
  UnsafeMutableRawPointer(to).storeBytes(of: byte, toByteOffset: -1, as: UInt8.self)
}

/// Copies a text of the program, 32 bytes at a time: what is overwritten beyond its end is written next.
@inline(__always)
func copyText(
  _ from: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<UInt8>, _ length: Int
) -> UnsafeMutablePointer<UInt8> {
  typealias Block = SIMD32<UInt8>
  let source = UnsafeRawPointer(from)
  let target = UnsafeMutableRawPointer(to)
  target.storeBytes(of: source.loadUnaligned(as: Block.self), as: Block.self)
  var done = 32
  while done < length {
    target.storeBytes(
      of: source.loadUnaligned(fromByteOffset: done, as: Block.self), toByteOffset: done, as: Block.self)
    done &+= 32
  }
  return to + length
}
