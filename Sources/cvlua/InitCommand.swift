import ArgumentParser
internal import Glibc
import Scripting
import Terminal

/// `cvlua init`: files for editors. `cvlua init systemd SCRIPT`: the unit and the timer that run a script each night.
struct InitCommand: Subcommand {
  static let abstract = """
    Writes files for editors and luacheck into this folder, or the one named after editor: .luarc.json, \
    .luacheckrc, and the definitions of all that scripts see in .cvlua. With systemd: writes a service and a timer \
    for SCRIPT, as strict as systemd can be, into a folder, or to standard output where none is named. Existing \
    files of other contents are left alone.
    """

  @Argument(help: "editor or systemd.")
  var what = "editor"

  @Argument(help: "The folder of the scripts, for editor; the script that is to run each night, for systemd.")
  var place: String?

  @Option(help: "For editor: a folder of modules that the scripts use; may be given several times.")
  var library: [String] = []

  @Option(help: "The folder that takes the files, such as /etc/systemd/system.")
  var into: String?

  @Option(help: "What the unit is called; cvlua-SCRIPT unless told otherwise.")
  var name: String?

  @Option(help: "When it starts, as OnCalendar= has it; a time zone may come last.")
  var calendar = "*-*-* 22:00:00"

  @Option(help: "The user that it runs as.")
  var user = "cvlua"

  @Option(help: "The profile of its Command Center.")
  var profile: String?

  @Option(help: "The configuration, where it is not the usual one.")
  var config: String?

  func validate() throws {
    guard ["editor", "systemd"].contains(what) else {
      throw ValidationError("init takes editor or systemd, not \"\(what)\"")
    }
    if what == "systemd", place == nil {
      throw ValidationError("say which script is to run each night: cvlua init systemd SCRIPT")
    }
    for (option, value) in library.map({ ("--library", $0) }) + [
      (what == "systemd" ? "SCRIPT" : "FOLDER", place ?? "."), ("--calendar", calendar), ("--user", user),
    ] {
      guard !value.isEmpty, !value.contains(where: \.isNewline) else {
        throw ValidationError("\(option) is one line that is not empty")
      }
    }
    if let name, name.isEmpty || !name.utf8.allSatisfy(SystemdUnit.isNameByte) {
      throw ValidationError("--name is made of letters, digits, _, - and ., not \"\(name)\"")
    }
  }

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    guard let script = place, what == "systemd" else {
      try EditorSetup(folder: place ?? ".", libraries: library).run(output)
      return 0
    }
    if let mistake = SystemdCalendar.mistake(calendar) { throw UsageError(mistake) }
    let profiles = try await ConfigurationFiles.profiles(file: config, named: profile)
    let unit = SystemdUnit(
      name: name ?? SystemdUnit.name(for: script), program: try Self.realPath("/proc/self/exe"),
      script: try Self.realPath(script), profile: profile, configuration: try config.map(Self.realPath),
      user: user, calendar: calendar, credentials: profiles.own?.credentials ?? [])
    let steps = SystemdSteps(
      unit: unit, profile: profiles.own, unseen: config == nil ? Self.unseenConfiguration(by: user) : nil)
    let files = [("\(unit.name).service", unit.service), ("\(unit.name).timer", unit.timer)]
    guard let into else {
      for (index, file) in files.enumerated() {
        print("\(index == 0 ? "" : "\n")# \(file.0)\n\(file.1)", terminator: "")
      }
      output.line(steps.lines(nil).joined(separator: "\n"))
      return 0
    }
    // Neither is written where one cannot be.
    let units = files.map { NewFile(path: "\(into)/\($0.0)", text: $0.1) }
    for file in units {
      guard case .free = file.place() else {
        throw UsageError(
          "\(file.path) is there already and says something else; remove it first, or name the unit otherwise with --name"
        )
      }
    }
    for file in units { try file.write() }
    output.line(steps.lines(into).joined(separator: "\n"))
    return 0
  }

  /// The caller's own configuration, where it is there and `user` is somebody else.
  private static func unseenConfiguration(by user: String) -> String? {
    guard let own = ConfigurationFiles.own, access(own, F_OK) == 0 else { return nil }
    if let known = getpwnam(user), known.pointee.pw_uid == geteuid() { return nil }
    return own
  }

  private static func realPath(_ path: String) throws(UsageError) -> String {
    guard let real = realpath(path, nil) else {
      throw UsageError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { free(real) }
    return String(cString: real)
  }
}

extension Profile {
  /// The systemd credentials that it takes secrets from, sorted.
  fileprivate var credentials: [String] {
    let names = secretSources.compactMap { source in
      if case .credential(let name) = source { name } else { nil }
    }
    return Set(names).sorted()
  }
}
