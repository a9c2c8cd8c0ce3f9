/// How many requests a server grants.
public struct RateLimits: Hashable, Sendable {
  /// So many requests in any period of this length.
  public struct Rate: Hashable, Sendable {
    public var requests: Int
    public var period: Duration

    public init(_ requests: Int, per period: Duration) {
      self.requests = max(1, requests)
      self.period = max(period, .milliseconds(1))
    }
  }

  /// Nil means as many as one likes, until the server tells.
  public var writes: Rate?
  public var reads: Rate?
  /// Whether `POST /Jobs`, which only asks, counts as a write there. Then a quarter of the writes is kept for
  /// it.
  public var jobListsAreWrites: Bool

  public init(writes: Rate? = nil, reads: Rate? = nil, jobListsAreWrites: Bool = false) {
    self.writes = writes
    self.reads = reads
    self.jobListsAreWrites = jobListsAreWrites
  }

  /// None that we know of: on-premises servers, until they tell.
  public static let none = RateLimits()

  /// What the vendor's SaaS grants a tenant.
  public static let saas = RateLimits(
    writes: Rate(100, per: .seconds(3600)), reads: Rate(1000, per: .seconds(3600)))
}
