import CommandCenterAPI
import Glibc
import Testing

/// A simulated Command Center that is served on loopback for one test, and the folder of runs against it.
///
/// Whatever a run leaves behind is searched for secrets; see ``close(_:)``.
final class Served {
  /// What the simulator tells of itself at /simulator/state.
  struct State {
    /// `POST /Jobs` and such, and how often each was asked for.
    var requests: [String: Int64] = [:]
    /// The status of each job.
    var jobs: [String] = []
    /// The most jobs that were there at once.
    var mostAtOnce: Int64 = 0

    var logins: Int64 { requests["POST /Login"] ?? 0 }
    var submits: Int64 { requests["POST /createtask"] ?? 0 }
    var polls: Int64 { (requests["POST /Jobs"] ?? 0) + (requests["GET /Job/{id}"] ?? 0) }
  }

  static let password = "leak-me-if-you-can-5ec7e7"
  /// It looks as those of logins do.
  static let token = "QSDK 70c3e70c3e70c3e70c3e70c3e7"

  let folder: Folder
  let url: String
  /// The file of the certificate to trust.
  let authority: String?
  /// What is never to be seen in what a run prints or writes.
  var secrets: [String]
  private var simulator: Child
  /// How the simulator was started.
  private let command: [String]
  private var printed: [String] = []
  /// `--journal` of the runs.
  var journal = "none"

  /// - Parameters:
  ///   - speed: so many times faster does its clock run. Logins' tokens live half an hour of it.
  ///   - faults: as `--faults` has them.
  init(speed: Int = 120, faults: String = "", _ options: [String] = []) async throws {
    folder = try Folder()
    for name in ["home", "keys"] { mkdir("\(folder.path)/\(name)", 0o700) }
    var arguments = ["simulator", "--speed", "\(speed)", "--password", Self.password, "--token", Self.token]
    if !faults.isEmpty { arguments += ["--faults", faults] }
    command = arguments + options
    simulator = try Child(Place.cvlua, command, in: folder.path, environment: Place.environment)
    try await simulator.waitFor("SIMULATED")
    let told = Dictionary(
      simulator.soFar.output.split(separator: "\n").compactMap { line -> (String, String)? in
        guard let space = line.firstIndex(of: " ") else { return nil }
        return (String(line[..<space]), String(line[line.index(after: space)...]))
      }, uniquingKeysWith: { $1 })
    url = try #require(told["url"])
    authority = told["ca"]
    // "QSDK " alone begins every token of a login.
    let login = try JSONValue(parsing: LoginRequest(username: "", password: Self.password).encoded())
    secrets = [
      Self.password, try #require(login["password"]?.string), "QSDK ",
      String(Self.token.dropFirst("QSDK ".count)),
    ]
    try secret("password", Self.password)
    try secret("token", Self.token)
    try configure()
  }

  /// One at real time, where no job ends while a test does something, however slow the machine: then ``hurry()``.
  static func unhurried() async throws -> Served {
    // Nobody searches keys/ for secrets.
    try await Served(speed: 1, ["--state", "keys/simulator.db"])
  }

  /// From now on its clock runs a thousand times faster.
  func hurry() async throws {
    try await killSimulator()
    try await restartSimulator(["--speed", "1000"])
  }

  deinit { simulator.send(SIGTERM) }

  /// Ends the simulator by SIGKILL.
  func killSimulator() async throws {
    simulator.send(SIGKILL)
    _ = try await simulator.ending()
  }

  /// Starts it again where it was. Without `--state` it has forgotten everything.
  func restartSimulator(_ options: [String] = []) async throws {
    let end = try #require(url.firstRange(of: "/commandcenter")).lowerBound
    let start = try #require(url.firstRange(of: "//")).upperBound
    simulator = try Child(
      Place.cvlua, command + ["--listen", String(url[start..<end])] + options, in: folder.path,
      environment: Place.environment)
    try await simulator.waitFor("SIMULATED")
  }

  /// Writes a file that only its owner may read.
  func secret(_ name: String, _ text: String) throws {
    let path = "\(folder.path)/keys/\(name)"
    try File.write(path, text + "\n")
    chmod(path, 0o600)
  }

  /// Writes config.lua with one profile, `sim`.
  ///
  /// - Parameters:
  ///   - url: where it goes; nil for the simulator.
  ///   - login: how it logs in; nil for user and password.
  ///   - more: further settings, in Lua.
  func configure(url: String? = nil, login: String? = nil, _ more: String = "unattended = true") throws {
    let login = login ?? "user = \"simulator\", password = secret.file \"\(folder.path)/keys/password\""
    let trust = authority.map { ", ca_file = \"\($0)\"" } ?? ""
    try folder.write(
      "config.lua",
      "return { sim = { url = \"\(url ?? self.url)\", \(login)\(trust)\(more.isEmpty ? "" : ", " + more) } }\n"
    )
  }

  /// Where a run keeps what it keeps.
  var environment: [String: String] {
    Place.environment.merging([
      "HOME": "\(folder.path)/home", "XDG_CONFIG_HOME": "\(folder.path)/home/.config",
      "XDG_STATE_HOME": "\(folder.path)/home/.state",
    ]) { $1 }
  }

  func start(_ arguments: [String]) throws -> Child {
    try Child(
      Place.cvlua, ["--config", "\(folder.path)/config.lua", "--journal", journal] + arguments,
      in: folder.path,
      environment: environment)
  }

  /// One run, to its end.
  func run(_ arguments: String...) async throws -> Child.Ending {
    let ending = try await start(arguments).ending()
    note(ending)
    return ending
  }

  /// A run that dies at a named point, as by a power cut: no test has to be quick enough to meet the moment.
  func runDying(at point: String, _ arguments: String...) async throws {
    let ending = try await Child(
      Place.cvlua, ["--config", "\(folder.path)/config.lua", "--journal", journal] + arguments,
      in: folder.path, environment: environment.merging(["CVLUA_CRASH_AT": point]) { $1 }
    ).ending()
    note(ending)
    #expect(ending.code == 128 + SIGKILL, "\(ending.errors)")
  }

  /// A command about the journal's runs.
  func command(_ arguments: String...) async throws -> Child.Ending {
    let ending = try await Child(
      Place.cvlua, arguments + ["--journal", journal], in: folder.path, environment: environment
    ).ending()
    note(ending)
    return ending
  }

  /// Has what a run printed searched for secrets.
  func note(_ ending: Child.Ending) { printed += [ending.output, ending.errors] }

  func state() async throws -> State {
    // The path stands beside the API's.
    let base = try #require(url.firstRange(of: "/commandcenter")).lowerBound
    let answer = try await Child(
      "/usr/bin/curl", ["--silent", "--insecure", "--noproxy", "*", "\(url[..<base])/simulator/state"],
      in: folder.path, environment: Place.environment
    ).ending().output
    let json = try JSONValue(parsing: Array(answer.utf8))
    var state = State()
    for request in json["requests"]?.array ?? [] {
      guard let method = request["method"]?.string, let path = request["path"]?.string else { continue }
      if case .integer(let count)? = request["count"] { state.requests["\(method) \(path)"] = count }
    }
    state.mostAtOnce = json["most_at_once"]?.int64 ?? 0
    state.jobs = (json["jobs"]?.array ?? []).compactMap { $0["status"]?.string }
    return state
  }

  /// Searches all that the runs printed, and every file that they left in their folder and home, for secrets.
  func close(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for secret in secrets {
      for text in printed {
        #expect(!text.contains(secret), "a secret was printed", sourceLocation: sourceLocation)
      }
    }
    let patterns = secrets.flatMap { ["-e", $0] }
    let found = try await Child(
      "/bin/grep", ["-rlaF", "--exclude-dir=keys", "--exclude-dir=scripts"] + patterns + ["."],
      in: folder.path, environment: Place.environment
    ).ending()
    #expect(found.output == "", "these files hold secrets", sourceLocation: sourceLocation)
  }
}

extension Child.Ending {
  /// The recap without what differs between two nights that went the same way: its head, places, times,
  /// lengths and jobs' numbers. What was told before it has a time.
  var essence: [String] {
    errors.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ").map(String.init)
      guard let first = words.first, !["SIMULATED", "night", "at"].contains(first),
        first.count(where: { $0 == ":" }) != 2
      else { return nil }
      guard words.contains("job") else { return line.contains(" request") ? nil : String(line) }
      let job = words.firstIndex(of: "job") ?? words.endIndex
      return words[..<job].filter { !$0.isLength }.joined(separator: " ")
    }
  }

  /// `1 login, 8 submits, …` of the recap, as it stands.
  var requests: String? {
    errors.split(separator: "\n").first { $0.contains(" requests: ") }.map(String.init)
  }
}

extension String {
  /// `1h`, `22m`, `04s`, `17ms`
  fileprivate var isLength: Bool {
    let digits = prefix { $0.isNumber }
    return !digits.isEmpty && ["h", "m", "s", "ms"].contains(String(dropFirst(digits.count)))
  }
}
