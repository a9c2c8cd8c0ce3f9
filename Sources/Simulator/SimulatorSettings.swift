/// How a simulated Command Center behaves where real ones differ, or where nobody knows.
public struct SimulatorSettings: Sendable {
  /// What a server does with a submit of a subclient that is being backed up already.
  public enum WhenBusy: String, Sendable {
    /// It answers `Error 0x10c: Another backup is running …`, code 2, under HTTP 200.
    case refuse
    /// It makes a job that is Queued until the other one ends.
    case queue
  }

  /// What it calls itself. Another name or another seed is another Command Center, with another GUID.
  public var name = "simulator"
  /// Tells it from others of that name and seed; 0 for one that is kept.
  public var birth: UInt64 = 0
  public var user = "simulator"
  public var password = "simulator"
  /// Tokens that are good for ever, besides those of logins.
  public var tokens: [String] = []
  /// How long a login's token lives without being used.
  public var tokenLifetime = Duration.seconds(30 * 60)
  /// How long an access token lives: 30 minutes in the SaaS and up to 11.42, two hours in 11.44.
  public var accessTokenLifetime = Duration.seconds(30 * 60)
  /// What is above them is answered 429.
  public var limits = HourlyLimits()
  /// Whether `POST /Jobs`, which only asks, counts as a write.
  public var jobListsAreWrites = false
  /// How many of its clock's seconds pass in one of a client's: lengths of time in requests and in answers
  /// are by a client's clock.
  public var clockSpeed = 1.0
  public var whenBusy = WhenBusy.refuse
  /// Whether the first backup of a target runs as a full one, whatever was asked.
  public var firstBackupIsFull = false
  /// Whether the inventory grows to hold what a submit names. Else unknown names are answered as a real
  /// server would.
  public var inventoryGrows = true

  public init() {}
}
