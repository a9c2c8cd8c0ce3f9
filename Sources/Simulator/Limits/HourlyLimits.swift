import CommandCenterAPI

/// How many requests a simulated server takes in an hour of its clock, whenever that begins.
public struct HourlyLimits: Hashable, Sendable {
  /// Requests that make or change something, logins among them; nil means as many as one likes.
  public var writes: Int?
  /// Requests that only ask.
  public var reads: Int?

  public init(writes: Int? = nil, reads: Int? = nil) {
    self.writes = writes
    self.reads = reads
  }

  /// What the vendor's SaaS grants a tenant.
  public static let saas = HourlyLimits(writes: 100, reads: 1000)

  /// Reads `saas`, or `writes=100,reads=1000`, of which one may be left out.
  ///
  /// - Throws: ``HourlyLimitsError`` with what is wrong.
  public static func parse(_ text: String) throws(HourlyLimitsError) -> HourlyLimits {
    if text == "saas" { return saas }
    var limits = HourlyLimits()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, pair[0] == "writes" || pair[0] == "reads" else {
        throw HourlyLimitsError("\"\(part)\" is no limit: write saas, or such as writes=100,reads=1000")
      }
      guard let number = Int(pair[1]), number > 0 else {
        throw HourlyLimitsError(
          "\(pair[0])= needs a whole number of requests an hour, from 1, not \"\(pair[1])\"")
      }
      let place = pair[0] == "writes" ? \HourlyLimits.writes : \.reads
      guard limits[keyPath: place] == nil else { throw HourlyLimitsError("\(pair[0])= is there twice") }
      limits[keyPath: place] = number
    }
    return limits
  }
}

/// What is wrong with a text of limits.
public struct HourlyLimitsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let description: String

  init(_ description: String) { self.description = description }
}
