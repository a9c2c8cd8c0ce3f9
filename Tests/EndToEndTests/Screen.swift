import Glibc

/// What `command` shows on a terminal of its own.
///
/// - Parameters:
///   - path: where it runs; nil for a new folder.
///   - keys: sent, each as tmux names it, when the terminal shows `cue`.
///   - history: so many lines are kept of what has left the terminal.
func screen(
  _ command: String, in path: String? = nil, keys: [String] = [], at cue: String = "ready",
  environment: [String: String] = [:], history: Int = 2000
) async throws -> String {
  let folder = try Folder()
  let place = path ?? folder.path
  try folder.write(
    "run.sh", "cd '\(place)'; \(command)\necho \"exit $?\"; tmux wait-for -S done; sleep 600\n")
  let socket = "cvlua-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  let environment = Place.environment.merging(environment) { $1 }
  func tmux(_ arguments: [String]) async throws -> Child.Ending {
    try await Child("/usr/bin/tmux", ["-L", socket] + arguments, in: folder.path, environment: environment)
      .ending()
  }
  try folder.write("tmux.conf", "set -g history-limit \(history)\n")
  _ = try await tmux([
    "-f", "\(folder.path)/tmux.conf", "new-session", "-d", "-x", "120", "-y", "30", "bash run.sh",
  ])
  if !keys.isEmpty {
    var tries = 0
    while tries < 1000, try await !tmux(["capture-pane", "-p"]).output.contains(cue) {
      try await Task.sleep(for: .milliseconds(20))
      tries += 1
    }
    _ = try await tmux(["send-keys"] + keys)
  }
  _ = try await tmux(["wait-for", "done"])
  let shown = try await tmux(["capture-pane", "-p", "-e"]).output
  _ = try await tmux(["kill-server"])
  let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
  return lines.reversed().drop { $0.isEmpty }.reversed().joined(separator: "\n")
}
