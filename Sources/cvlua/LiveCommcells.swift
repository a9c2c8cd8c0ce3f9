import Clock
import CommandCenter
import CommandCenterAPI
import HTTPTransport
import LuaVM
import Scripting
import Synchronization
import Terminal
import Workflow

/// The Command Centers of profiles, over HTTPS: one client for each that the script uses.
final class LiveCommcells: Commcells {
  private struct Entry {
    let profile: Profile
    let connection: Connection
    let gate: Gate<LuaFailure?>
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var traffic = Traffic()
    var warnings: [String] = []
    /// All of its requests are counted.
    var isClosed = false
  }

  private let profiles: Profiles
  private let clock: any RunClock
  /// `--yes`: nobody is asked.
  private let isAgreed: Bool
  /// A no is no for one submit only.
  private let asksAgain: Bool
  private let observer: @Sendable (String, String, CommandCenterEvent) -> Void
  private let state = Mutex(State())

  /// - Parameter observer: told what they have to tell: a Command Center's name in the script, what people call it,
  ///   and what happened.
  init(
    _ profiles: Profiles, clock: any RunClock, isAgreed: Bool, asksAgain: Bool = false,
    observer: @escaping @Sendable (String, String, CommandCenterEvent) -> Void
  ) {
    self.profiles = profiles
    self.clock = clock
    self.isAgreed = isAgreed
    self.asksAgain = asksAgain
    self.observer = observer
  }

  func center(_ name: String?) throws(LuaFailure) -> CommandCenter {
    let profile: Profile
    if let name, !profiles.all.isEmpty {
      profile = try profiles.named(name)
    } else if let own = profiles.own {
      profile = own
    } else {
      throw LuaFailure(LuaFailure.noCommcell, profiles.wayOut)
    }
    if let known = state.withLock({ $0.entries[profile.name] }) { return known.connection.center }
    let observer = observer
    let called = name == nil ? Commcell.defaultName : profile.name
    do throws(LuaFailure) {
      let connection = try Connection(profile, clock: clock) { observer(called, profile.name, $0) }
      let gate = Gate<LuaFailure?>(clock) { [asksAgain] refusal in refusal == nil || !asksAgain }
      // Asked for on the machine's one thread, so nobody has made it meanwhile.
      state.withLock {
        $0.entries[profile.name] = Entry(profile: profile, connection: connection, gate: gate)
      }
      return connection.center
    } catch {
      // The run's own can be replaced by nothing.
      throw name == nil ? LuaFailure(LuaFailure.noCommcell, error.message) : error
    }
  }

  func permit(_ center: CommandCenter) async throws(LuaFailure) {
    guard let entry = state.withLock({ $0.entries[center.name] }) else { return }
    if isAgreed { return }
    let refusal = await entry.gate.answer { await Self.ask(entry.profile, entry.connection) }
    if let refusal { throw refusal }
  }

  /// - Returns: nil where it may go on.
  private static func ask(_ profile: Profile, _ connection: Connection) async -> LuaFailure? {
    let place = connection.place
    guard Question.hasTerminal else {
      if profile.isUnattended { return nil }
      let way =
        profile.name == Profiles.ofEnvironment
        ? "set CVLUA_UNATTENDED=1" : "give profile \(profile.name) unattended = true"
      return LuaFailure(
        LuaFailure.noCommcell,
        "nothing was submitted to \(place): nobody is here to agree; \(way), or run it with --yes")
    }
    switch await Question.agrees("cvlua: this submits to \(place). Go on?") {
    case true?: return nil
    case false?: return LuaFailure(LuaFailure.noCommcell, "nothing was submitted to \(place): you said no")
    case nil: return LuaFailure(LuaFailure.noCommcell, "nothing was submitted to \(place): nobody answered")
    }
  }

  func secret(_ name: String) throws(LuaFailure) -> SecretSource {
    guard let own = profiles.own else {
      throw LuaFailure("secret", "there is no profile to take secrets from")
    }
    return try own.secret(name)
  }

  func isInvented(_ attempt: Attempt) -> Bool { false }

  func close() async {
    let entries = state.withLock { $0.entries }.sorted { $0.key < $1.key }.map(\.value)
    for entry in entries {
      let center = entry.connection.center
      // A server that is gone keeps nobody from his bed.
      await clock.within(.seconds(10)) { await center.logOut() }
      let traffic = await center.traffic
      let warnings = await entry.connection.warnings(at: clock.now)
      state.withLock { state in
        state.traffic += traffic
        state.warnings += warnings
      }
      await clock.within(.seconds(5)) { await entry.connection.close() }
    }
    state.withLock { $0.isClosed = true }
  }

  var remarks: CommcellRemarks {
    state.withLock { state in
      let entries = state.entries.sorted { $0.key < $1.key }.map(\.value)
      return CommcellRemarks(
        places: entries.map(\.connection.place), warnings: state.warnings,
        requests: entries.isEmpty || !state.isClosed ? nil : state.traffic.text)
    }
  }
}

extension Traffic {
  static func += (sum: inout Traffic, other: Traffic) {
    sum.logins += other.logins
    sum.submits += other.submits
    sum.polls += other.polls
    sum.others += other.others
  }

  /// `17 requests: 1 login, 8 submits, 7 polls, 1 other`
  var text: String {
    func count(_ number: Int, _ noun: String) -> String? {
      number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
    let parts = [
      count(logins, "login"), count(submits, "submit"), count(polls, "poll"), count(others, "other"),
    ]
    let known = parts.compactMap(\.self)
    let total = "\(total) request\(total == 1 ? "" : "s")"
    return known.isEmpty ? total : "\(total): \(known.joined(separator: ", "))"
  }
}
