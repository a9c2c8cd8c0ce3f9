internal import Crypto

/// SHA-256 as 64 lower-case hexadecimal digits.
public enum ContentHash {
  public static func of(_ bytes: some Collection<UInt8>) -> String {
    var text = ""
    text.reserveCapacity(64)
    for byte in SHA256.hash(data: Array(bytes)) {
      text.unicodeScalars.append(digits[Int(byte >> 4)])
      text.unicodeScalars.append(digits[Int(byte & 15)])
    }
    return text
  }

  private static let digits = Array("0123456789abcdef".unicodeScalars)
}
