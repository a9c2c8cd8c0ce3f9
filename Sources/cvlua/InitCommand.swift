import ArgumentParser
internal import Glibc
import Scripting
import Terminal

/// `cvlua init systemd SCRIPT`: the unit and the timer that run a script each night.
struct InitCommand: Subcommand {
  static let abstract = """
    With systemd: writes a service and a timer for SCRIPT, as strict as systemd can be, into a folder, or to \
    standard output where none is named. Existing files of other contents are left alone.
    """

  @Argument(help: "systemd")
  var what: String

  @Argument(help: "The script that is to run each night.")
  var script: String

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
    guard what == "systemd" else { throw ValidationError("init takes systemd, not \"\(what)\"") }
    for (option, value) in [("SCRIPT", script), ("--calendar", calendar), ("--user", user)] {
      guard !value.isEmpty, !value.contains(where: \.isNewline) else {
        throw ValidationError("\(option) is one line that is not empty")
      }
    }
    if let name, name.isEmpty || !name.utf8.allSatisfy(SystemdUnit.isNameByte) {
      throw ValidationError("--name is made of letters, digits, _, - and ., not \"\(name)\"")
    }
  }

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    let profiles = try await ConfigurationFiles.profiles(file: config, named: profile)
    let unit = SystemdUnit(
      name: name ?? SystemdUnit.name(for: script), program: try Self.realPath("/proc/self/exe"),
      script: try Self.realPath(script), profile: profile, configuration: try config.map(Self.realPath),
      user: user, calendar: calendar, credentials: profiles.own?.credentials ?? [])
    let files = [("\(unit.name).service", unit.service), ("\(unit.name).timer", unit.timer)]
    guard let into else {
      for (index, file) in files.enumerated() {
        print("\(index == 0 ? "" : "\n")# \(file.0)\n\(file.1)", terminator: "")
      }
      return 0
    }
    // Neither is written where one cannot be.
    for (name, text) in files { try Self.check("\(into)/\(name)", text) }
    for (name, text) in files { try Self.write("\(into)/\(name)", text) }
    output.line(unit.whatNext(into))
    return 0
  }

  private static func realPath(_ path: String) throws(UsageError) -> String {
    guard let real = realpath(path, nil) else {
      throw UsageError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { free(real) }
    return String(cString: real)
  }

  private static func check(_ path: String, _ text: String) throws(UsageError) {
    guard case .success(let bytes) = FileContents.read(path), bytes != Array(text.utf8) else { return }
    throw UsageError(
      "\(path) is there already and says something else; remove it first, or name the unit otherwise with --name"
    )
  }

  private static func write(_ path: String, _ text: String) throws(UsageError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw UsageError("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw UsageError("\(path): \(String(cString: strerror(errno)))")
    }
  }
}

extension Profile {
  /// The systemd credentials that it takes secrets from, sorted.
  fileprivate var credentials: [String] {
    var sources = [password, token, attention.webhook, attention.slack].compactMap(\.self)
    sources += secrets.values
    for case .secret(let source)? in [ping.start, ping.success, ping.fail] { sources.append(source) }
    let names = sources.compactMap { source in
      if case .credential(let name) = source { name } else { nil }
    }
    return Set(names).sorted()
  }
}
