import Glibc
import Testing

/// A terminal of its own, in which a command runs while a test looks on.
final class Pane {
  private let folder: Folder
  private let socket = "cvlua-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  private let environment: [String: String]

  /// - Parameter path: where `command` runs, by bash.
  init(
    _ command: String, in path: String, columns: Int = 80, rows: Int = 24, environment: [String: String]
  ) async throws {
    folder = try Folder()
    self.environment = Place.environment.merging(environment) { $1 }
    try folder.write("run.sh", "cd '\(path)'; \(command)\n")
    try await tmux("-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "bash run.sh")
  }

  deinit {
    // Nobody waits for it.
    _ = try? Child("/usr/bin/tmux", ["-L", socket, "kill-server"], in: "/tmp", environment: environment)
  }

  @discardableResult
  private func tmux(_ arguments: String...) async throws -> String {
    try await Child("/usr/bin/tmux", ["-L", socket] + arguments, in: folder.path, environment: environment)
      .ending().output
  }

  /// Keys as tmux names them.
  func send(_ keys: String...) async throws {
    for key in keys { try await tmux("send-keys", key) }
  }

  /// The terminal vanishes.
  func kill() async throws { try await tmux("kill-server") }

  func resize(_ columns: Int, _ rows: Int) async throws {
    try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// Sends a signal to the program that bash runs there.
  func signal(_ number: Int32) async throws {
    let shell = try await tmux("display-message", "-p", "#{pane_pid}").split(separator: "\n")[0]
    let child = try File.read("/proc/\(shell)/task/\(shell)/children").split(separator: " ")[0]
    Glibc.kill(try #require(pid_t(child)), number)
  }

  /// What it shows, line by line, without empty ones at the end.
  func shown() async throws -> [String] {
    let lines = try await tmux("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    return lines.reversed().drop { $0.isEmpty }.reversed()
  }

  /// All that it has shown, as far as it is kept.
  func history() async throws -> String { try await tmux("capture-pane", "-p", "-S", "-") }

  /// Waits until it shows what is looked for.
  @discardableResult
  func wait(
    for what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isThere: ([String]) -> Bool
  ) async throws -> [String] {
    let deadline = ContinuousClock.now + .seconds(300)
    while true {
      let lines = try await shown()
      if isThere(lines) { return lines }
      guard ContinuousClock.now < deadline else {
        Issue.record(
          "waited for \(what); it shows\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
        return lines
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  @discardableResult
  func wait(
    for text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    try await wait(for: "\"\(text)\"", sourceLocation: sourceLocation) { $0.contains { $0.contains(text) } }
  }
}
