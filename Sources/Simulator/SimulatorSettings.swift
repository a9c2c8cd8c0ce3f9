/// How a simulated Command Center behaves where real ones differ, or where nobody knows.
public struct SimulatorSettings: Sendable {
  /// What a server does with a submit of a subclient that is being backed up already.
  public enum WhenBusy: String, Sendable {
    /// It answers `Error 0x10c: Another backup is running …`, code 2, under HTTP 200.
    case refuse
    /// It makes a job that is Queued until the other one ends.
    case queue
  }

  public var user = "simulator"
  public var password = "simulator"
  /// Tokens that are good for ever, besides those of logins.
  public var tokens: [String] = []
  /// How long a login's token lives without being used.
  public var tokenLifetime = Duration.seconds(30 * 60)
  public var whenBusy = WhenBusy.refuse
  /// Whether the first backup of a target runs as a full one, whatever was asked.
  public var firstBackupIsFull = false
  /// Whether the inventory grows to hold what a submit names. Else unknown names are answered as a real
  /// server would.
  public var inventoryGrows = true

  public init() {}
}
