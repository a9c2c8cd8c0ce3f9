/// Where a Command Center listens.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// `https`, or `http` to loopback.
  public var scheme: String
  /// The host, with its port where that is not the scheme's own.
  public var authority: String
  /// What stands before each path of the API, without a slash at its end.
  public var basePath: String

  public init(scheme: String = "https", authority: String, basePath: String = "/commandcenter/api") {
    self.scheme = scheme
    self.authority = authority
    self.basePath = basePath
  }

  public var description: String { "\(scheme)://\(authority)\(basePath)" }
}
