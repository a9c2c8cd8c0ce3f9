import CommandCenter
import Glibc

/// A proxy to go through. Its password never shows.
public struct Proxy: Hashable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: Int
  let user: String?
  let password: String?

  public var description: String { "\(host):\(port)" }

  public var customMirror: Mirror { Mirror(self, children: ["host": host, "port": port]) }

  /// - Parameter text: `[http://][USER:PASSWORD@]HOST[:PORT][/]`
  init(_ text: String) throws(TransportError) {
    var rest = text[...]
    if let scheme = rest.firstRange(of: "://") {
      guard rest[..<scheme.lowerBound].lowercased() == "http" else {
        throw TransportError(
          "only proxies that speak http are supported: http://HOST:PORT", mayHaveArrived: false)
      }
      rest = rest[scheme.upperBound...]
    }
    while rest.hasSuffix("/") { rest.removeLast() }
    var login: Substring?
    if let at = rest.lastIndex(of: "@") {
      login = rest[..<at]
      rest = rest[rest.index(after: at)...]
    }
    guard let (host, port) = HostAndPort.split(rest), !host.isEmpty else {
      throw TransportError("the proxy's address is no http://HOST:PORT", mayHaveArrived: false)
    }
    self.host = host
    self.port = port ?? 3128
    let parts = login?.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    user = parts?.first.map { HostAndPort.unescaped($0) }
    password = parts.map { $0.count > 1 ? HostAndPort.unescaped($0[1]) : "" }
  }

  /// The one that a request to `host` goes through; nil for none.
  ///
  /// - Parameter variable: reads the environment.
  static func choose(
    _ choice: HTTPSettings.ProxyChoice, scheme: String, host: String, port: Int,
    variable: (String) -> String? = Proxy.environment
  ) throws(TransportError) -> Proxy? {
    switch choice {
    case .none: return nil
    case .url(let text): return try Proxy(text)
    case .environment:
      if HostAndPort.isLoopback(host) || isExempt(host, port, variable) { return nil }
      // HTTP_PROXY in capitals may have been set by whoever sent a CGI request its header `Proxy`.
      let names =
        scheme == "https"
        ? ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] : ["http_proxy", "ALL_PROXY", "all_proxy"]
      guard let text = names.lazy.compactMap(variable).first else { return nil }
      return try Proxy(text)
    }
  }

  /// Whether `NO_PROXY` names the host: `*`, or a list of names, each with its subdomains, with or without a
  /// port.
  private static func isExempt(_ host: String, _ port: Int, _ variable: (String) -> String?) -> Bool {
    guard let list = variable("NO_PROXY") ?? variable("no_proxy") else { return false }
    let host = host.lowercased()
    return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
      if entry == "*" { return true }
      guard let (name, itsPort) = HostAndPort.split(entry) else { return false }
      if let itsPort, itsPort != port { return false }
      let suffix = name.drop { $0 == "." || $0 == "*" }
      return !suffix.isEmpty && (host == suffix || host.hasSuffix("." + suffix))
    }
  }

  static func environment(_ name: String) -> String? {
    // The pointer is read before anything else can change the environment here.
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}

extension Proxy: CustomReflectable, CustomDebugStringConvertible {
  public var debugDescription: String { description }
}
