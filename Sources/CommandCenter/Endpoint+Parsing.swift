extension Endpoint {
  /// Reads the URL of a Command Center: `https://HOST[:PORT][/PATH]`. Without a scheme, https is meant; without
  /// a path, `/commandcenter/api`.
  ///
  /// - Returns: nil where it is no such URL: another scheme, no host, a port that is none, a user, a query.
  public init?(url: String) {
    var scheme = "https"
    var rest = url[...]
    if let mark = rest.firstRange(of: "://") {
      scheme = rest[..<mark.lowerBound].lowercased()
      rest = rest[mark.upperBound...]
    }
    guard scheme == "https" || scheme == "http" else { return nil }
    let isPlain = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"@?#\\\"<>{}|^`".utf8.contains($0) }
    guard isPlain else { return nil }
    let authority = rest.prefix { $0 != "/" }
    var path = rest.dropFirst(authority.count)
    while path.hasSuffix("/") { path.removeLast() }
    guard Self.isAuthority(authority) else { return nil }
    self.init(
      scheme: scheme, authority: authority.lowercased(),
      basePath: path.isEmpty ? "/commandcenter/api" : "\(path)")
  }

  private static func isAuthority(_ text: Substring) -> Bool {
    var rest = text
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { return false }
      let address = rest[rest.index(after: rest.startIndex)..<end]
      guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
        return false
      }
      rest = rest[rest.index(after: end)...]
    } else {
      let host = rest.prefix { $0 != ":" }
      guard !host.isEmpty, !host.contains(where: { $0 == "[" || $0 == "]" || $0 == "%" }) else {
        return false
      }
      rest = rest.dropFirst(host.count)
    }
    if rest.isEmpty { return true }
    let port = rest.dropFirst()
    return !port.isEmpty && port.allSatisfy { $0.isASCII && $0.isNumber }
      && Int(port).map { (1...65535).contains($0) } ?? false
  }
}
