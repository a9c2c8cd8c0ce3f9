import Glibc

/// Somebody at a terminal of his own: he types, and sees what is shown.
final class TerminalSession {
  let folder: Folder
  private let socket: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - command: run by a shell, which tells its exit code.
  ///   - columns: how wide the terminal is.
  init(
    _ command: String, in folder: Folder, columns: Int = 100, rows: Int = 40,
    environment: [String: String] = [:]
  ) async throws {
    self.folder = folder
    socket = "cvlua-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    self.environment = Place.environment.merging(["HOME": folder.path]) { $1 }.merging(environment) { $1 }
    try folder.write("session.sh", "cd '\(folder.path)'; \(command)\necho \"exit $?\"; sleep 120\n")
    try folder.write("tmux.conf", "set -g history-limit 2000\nset -s escape-time 0\n")
    _ = try await tmux([
      "-f", "\(folder.path)/tmux.conf", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      "bash session.sh",
    ])
  }

  /// The terminal goes, whatever runs there.
  func vanish() async throws { _ = try await tmux(["kill-server"]) }

  /// Types a text as it is.
  func type(_ text: String) async throws { _ = try await tmux(["send-keys", "-l", text]) }

  /// Types a line, and waits until `expected` is shown below what was there.
  func line(_ text: String, shows expected: String) async throws {
    try await type(text)
    try await keys("Enter")
    try await wait(for: expected)
  }

  /// Presses keys, each as tmux names it.
  func keys(_ names: String...) async throws { _ = try await tmux(["send-keys"] + names) }

  /// Pastes a text, as a terminal tells it.
  func paste(_ text: String) async throws {
    try folder.write("paste", text)
    _ = try await tmux(["load-buffer", "\(folder.path)/paste"])
    _ = try await tmux(["paste-buffer", "-p", "-r"])
  }

  func resize(columns: Int, rows: Int) async throws {
    _ = try await tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Waits until the terminal shows `text`, for as long as a loaded machine may take.
  func wait(for text: String) async throws {
    for _ in 0..<3000 {
      if try await shown().contains(text) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Missing(text: text, shown: try await shown())
  }

  /// Waits until the last line is `text`, and the cursor behind it.
  func wait(forPrompt text: String) async throws {
    for _ in 0..<3000 {
      if try await shown().split(separator: "\n").last.map({ $0 == text }) ?? false { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Missing(text: text, shown: try await shown())
  }

  struct Missing: Error, CustomStringConvertible {
    let text: String
    let shown: String
    var description: String { "never showed \(text), but:\n\(shown)" }
  }

  /// What is on the screen, without the empty lines at its end.
  func shown(colours: Bool = false) async throws -> String {
    let text = try await tmux(["capture-pane", "-p"] + (colours ? ["-e"] : [])).output
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// The same, and the terminal goes.
  func last() async throws -> String {
    let text = try await shown()
    _ = try await tmux(["kill-server"])
    return text
  }

  private func tmux(_ arguments: [String]) async throws -> Child.Ending {
    try await Child(
      "/usr/bin/tmux", ["-L", socket] + arguments, in: folder.path, environment: environment
    ).ending()
  }
}
