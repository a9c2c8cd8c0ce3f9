public import CommandCenter

/// How to reach one Command Center, as whom, and within which limits: an entry of the configuration file.
public struct Profile: Sendable {
  /// How many requests a server grants.
  public enum Budget: Hashable, Sendable {
    /// None that we know of: on-premises servers, until they tell.
    case none
    /// Per hour, writes and reads.
    case hourly(writes: Int, reads: Int)

    /// What the vendor's SaaS grants a tenant.
    public static let saas = Budget.hourly(writes: 100, reads: 1000)
  }

  public var name: String
  /// `https://HOST/commandcenter/api`
  public var url: String
  public var user: String?
  public var domain: String?
  public var password: SecretSource?
  /// A ready-made token.
  public var token: SecretSource?
  /// The file that holds an access token and its refresh token.
  public var accessTokenFile: String?
  public var caFile: String?
  public var clientCertificate: String?
  public var clientKey: String?
  public var proxy: String?
  public var connectTimeout: Duration?
  public var requestTimeout: Duration?
  /// How long until a request that was sent can no longer be under way, and what it made shows in lists.
  public var settle: Duration?
  /// How long a run waits for a backup where its script says nothing else; nil for as long as it takes.
  public var timeout: Duration? = .seconds(12 * 3600)
  /// How submits are marked, so that their jobs are found again whatever happens.
  public var marking = SubmitMarking()
  public var budget = Budget.none
  /// Whether `POST /Jobs` counts as a write there.
  public var jobListsAreWrites = false
  /// Submits without asking, where there is no terminal to ask on.
  public var isUnattended = false
  /// Speaks http to a host that is not this machine.
  public var allowsPlainHTTP = false
  /// Takes any certificate for the server's; told in every recap.
  public var trustsAnyCertificate = false
  /// Library folders of the team.
  public var libraries: [String] = []
  /// The one that is meant where none is named.
  public var isDefault = false
  /// Named secrets for scripts.
  public var secrets: [String: SecretSource] = [:]
  /// Whom to tell when something needs a human.
  public var attention = AttentionAddresses()
  /// What sends mail, as sendmail does.
  public var sendmail = "/usr/sbin/sendmail"
  /// Whom to tell that a run began, and how it ended.
  public var ping = PingAddresses()

  public init(name: String, url: String) {
    self.name = name
    self.url = url
  }
}
