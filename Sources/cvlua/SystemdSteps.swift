internal import Glibc
import Scripting

/// What is left to do by hand once a unit is written: its service is another user, with a home and a /tmp of its own.
struct SystemdSteps {
  let unit: SystemdUnit
  /// The profile of its Command Center; nil where there is none yet.
  let profile: Profile?
  /// The caller's own configuration, where the profile may stand in it and the service does not see it.
  let unseen: String?

  /// - Parameter folder: where the unit was written; nil where it was only shown.
  func lines(_ folder: String?) -> [String] {
    let files = "\(unit.name).service and \(unit.name).timer"
    let head =
      folder.map { "\($0)/\(files) are written. What is left to do:" }
      ?? "put \(files) into /etc/systemd/system; what is left to do then:"
    var steps: [String] = []
    if unit.user != "root" {
      steps.append(
        "useradd --system --home-dir /var/lib/cvlua --shell /usr/sbin/nologin \(unit.user)   (once)")
    }
    if let configuration { steps.append(configuration) }
    steps += secrets + hidden
    steps.append("systemctl daemon-reload && systemctl enable --now \(unit.name).timer")
    return [head] + steps.map { "  \($0)" }
  }

  // MARK: what it reads

  private var configuration: String? {
    let place = unit.configuration ?? "/etc/cvlua/config.lua"
    guard let profile else {
      return "write a profile into \(place), with unattended = true; there is none yet"
    }
    if let unseen {
      let flag = profile.isUnattended ? "" : ", with unattended = true"
      return "put profile \(profile.name) into \(place)\(flag): the service does not see \(unseen)"
    }
    return profile.isUnattended ? nil : "give profile \(profile.name) unattended = true"
  }

  private var secrets: [String] {
    guard let profile else { return [] }
    var steps: [String] = []
    if !unit.credentials.isEmpty {
      steps.append("put into /etc/cvlua/credentials (mode 0600): \(unit.credentials.joined(separator: ", "))")
    }
    for source in profile.secretSources {
      switch source {
      case .file(let path) where !isOwn(path):
        steps.append("chown \(unit.user) \(path)   (the profile takes a secret from it)")
      case .environment(let name):
        steps.append(
          "take a secret.credential in place of secret.env \"\(name)\": the service has no such variable")
      default: break
      }
    }
    if let path = profile.accessTokenFile, !path.hasPrefix("/var/lib/cvlua/") {
      steps.append("move \(path) below /var/lib/cvlua: nowhere else can the service write a renewed token")
    }
    return steps
  }

  /// What the service could not open.
  private var hidden: [String] {
    let folders = profile?.libraries ?? []
    return ([unit.program, unit.script, unit.configuration].compactMap(\.self) + folders).compactMap { path in
      if ["/tmp/", "/var/tmp/"].contains(where: path.hasPrefix) {
        return "move \(path), and run this again: the service has a /tmp of its own and does not see it"
      }
      return isReadable(path) ? nil : "let \(unit.user) read \(path) and the folders above it"
    }
  }

  // MARK: who may read what

  private func isOwn(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, let user = getpwnam(unit.user) else { return unit.user == "root" }
    return status.st_uid == user.pointee.pw_uid
  }

  /// Whether anybody may, or the user in particular.
  private func isReadable(_ path: String) -> Bool {
    if unit.user == "root" { return true }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o004 != 0 || isOwn(path) else { return false }
    var folder = path[...]
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = folder[..<slash]
      guard stat(String(folder), &status) == 0, status.st_mode & 0o001 != 0 || isOwn(String(folder)) else {
        return false
      }
    }
    return true
  }
}

extension Profile {
  /// Where all its secrets come from.
  var secretSources: [SecretSource] {
    var sources = [
      password, token, attention.webhook, attention.slack, attention.teams, attention.pagerDuty,
    ].compactMap(\.self)
    sources += secrets.sorted { $0.key < $1.key }.map(\.value)
    for case .secret(let source)? in [ping.start, ping.success, ping.fail] { sources.append(source) }
    var seen: Set<SecretSource> = []
    return sources.filter { seen.insert($0).inserted }
  }
}
