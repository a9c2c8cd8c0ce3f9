import CommandCenterAPI
public import LuaVM

/// The Command Centers that a command line can reach: the profiles of the configuration files, and what the
/// environment says of them.
public struct Profiles: Sendable {
  /// What the environment variables `CVLUA_…` say; an empty one says nothing.
  public struct Environment: Sendable {
    /// `CVLUA_PROFILE`
    public var profile: String?
    /// `CVLUA_URL`
    public var url: String?
    /// Whether there is a `CVLUA_TOKEN`.
    public var hasToken = false
    /// `CVLUA_CA_FILE`
    public var caFile: String?
    /// `CVLUA_UNATTENDED=1`
    public var isUnattended = false

    public init() {}

    public init(_ variable: (String) -> String?) {
      func text(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
      profile = text("CVLUA_PROFILE")
      url = text("CVLUA_URL")
      hasToken = text("CVLUA_TOKEN") != nil
      caFile = text("CVLUA_CA_FILE")
      isUnattended = text("CVLUA_UNATTENDED") == "1"
    }
  }

  /// What a server that the environment names is called.
  public static let ofEnvironment = "environment"

  /// In the order of their names.
  public let all: [Profile]
  /// The run's own: what bare `backup` means. Nil where nothing says which.
  public let own: Profile?

  /// - Parameters:
  ///   - files: the configuration files in the order in which they were read: a later one adds to an earlier
  ///     one, and its profiles replace those of the same names.
  ///   - named: the profile that the command line names.
  /// - Throws: `configuration` where a profile is named that is not there, or where the environment names a
  ///   server and no token for it.
  public init(
    _ files: [Configuration], named: String?, environment: Environment = Environment()
  ) throws(LuaFailure) {
    var known: [String: Profile] = [:]
    var fallback: String?
    for file in files {
      for profile in file.profiles {
        known[profile.name] = profile
        if profile.isDefault { fallback = profile.name }
      }
    }
    let chosen = named ?? environment.profile
    if fallback == nil, known.count == 1 { fallback = known.keys.first }
    var own: Profile?
    if let chosen {
      guard let profile = known[chosen] else { throw Self.unknown(chosen, Array(known.keys)) }
      own = profile
    } else if environment.url == nil {
      own = fallback.flatMap { known[$0] }
    }
    own = try Self.overridden(own, by: environment)
    if let own { known[own.name] = own }
    all = known.values.sorted { $0.name < $1.name }
    self.own = own
  }

  /// The profile as the environment changes it.
  ///
  /// A server from the environment gets the token of the environment and nothing of the profile's: a password
  /// goes nowhere but to the server that it was given for.
  private static func overridden(
    _ profile: Profile?, by environment: Environment
  ) throws(LuaFailure) -> Profile? {
    guard environment.url != nil || environment.hasToken else { return profile }
    guard var changed = profile ?? environment.url.map({ Profile(name: ofEnvironment, url: $0) }) else {
      throw LuaFailure(
        "configuration", "CVLUA_TOKEN is set, but neither CVLUA_URL nor a profile says whose token it is")
    }
    if let url = environment.url {
      guard environment.hasToken else {
        throw LuaFailure(
          "configuration", "CVLUA_URL is set, so CVLUA_TOKEN must hold a token for that server")
      }
      changed.url = url
      changed.isUnattended = environment.isUnattended
      changed.caFile = environment.caFile ?? changed.caFile
    }
    (changed.user, changed.password, changed.accessTokenFile) = (nil, nil, nil)
    changed.token = .environment("CVLUA_TOKEN")
    return changed
  }

  /// The profile of that name.
  ///
  /// - Throws: `commcell`, with those that there are.
  public func named(_ name: String) throws(LuaFailure) -> Profile {
    if let profile = all.first(where: { $0.name == name }) { return profile }
    throw Self.unknown(name, all.map(\.name))
  }

  /// How to say which Command Center is meant, where nothing says so.
  public var wayOut: String {
    if all.isEmpty {
      return """
        this uses a Command Center, and none is there: rehearse with cvlua --simulate, or write a profile into \
        ~/.config/cvlua/config.lua (see cvlua --help), or set CVLUA_URL and CVLUA_TOKEN
        """
    }
    let names = all.map(\.name).joined(separator: ", ")
    return """
      this uses a Command Center, and it is not said which: name one with --profile (there are \(names)), give \
      one default = true in the configuration, or rehearse with --simulate
      """
  }

  private static func unknown(_ name: String, _ names: [String]) -> LuaFailure {
    if names.isEmpty {
      return LuaFailure("commcell", "there is no profile \(name): no configuration file has any")
    }
    // The first of those that are as near is meant, in an order that is always the same.
    let names = names.sorted()
    let hint = didYouMean(name, among: names).map { "did you mean \($0)?" }
    return LuaFailure(
      "commcell",
      "there is no profile \(name); \(hint ?? "there are \(names.joined(separator: ", "))")")
  }
}
