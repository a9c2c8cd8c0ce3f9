import Clock
import CommandCenter
import LuaVM
import Scripting

/// Connections to the Command Centers of profiles, for work on runs that no process drives; each made at its first
/// use.
struct ProfileConnections {
  private let profiles: Profiles
  private(set) var made: [String: Connection] = [:]

  init(_ profiles: Profiles) { self.profiles = profiles }

  /// - Parameter commcell: the Command Center's name in the script.
  mutating func connection(_ commcell: String) throws(LuaFailure) -> Connection {
    if let known = made[commcell] { return known }
    let named = commcell == Commcell.defaultName ? profiles.own : try profiles.named(commcell)
    guard let profile = named else { throw LuaFailure("commcell", profiles.wayOut) }
    let connection = try Connection(profile, clock: SystemClock())
    made[commcell] = connection
    return connection
  }

  /// Ends all sessions.
  func close() async {
    for connection in made.values {
      await connection.center.logOut()
      await connection.close()
    }
  }
}
