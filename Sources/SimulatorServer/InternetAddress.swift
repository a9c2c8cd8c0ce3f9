internal import Glibc

/// An address of IPv4 or IPv6, as its bytes.
struct InternetAddress {
  let bytes: [UInt8]

  /// - Returns: nil where `text` is no address, a host's name for one.
  init?(_ text: String) {
    for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: size)
      if inet_pton(family, text, &bytes) == 1 {
        self.bytes = bytes
        return
      }
    }
    return nil
  }
}
