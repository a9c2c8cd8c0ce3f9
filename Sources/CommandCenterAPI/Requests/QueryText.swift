/// The part of a path from its question mark on, made piece by piece; empty where there are none.
public struct QueryText: Hashable, Sendable, CustomStringConvertible {
  /// `?clientname=aws-prod&agent=Cloud%20Apps`
  public private(set) var description = ""

  public init() {}

  /// Adds a value under a name; both are escaped as RFC 3986 wants it.
  public mutating func add(_ name: String, _ value: String) {
    description += description.isEmpty ? "?" : "&"
    escape(name)
    description += "="
    escape(value)
  }

  private mutating func escape(_ text: String) {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || "-._~".unicodeScalars.contains(scalar)
      if isPlain {
        description.unicodeScalars.append(scalar)
      } else {
        description.unicodeScalars.append(contentsOf: ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      }
    }
  }
}
