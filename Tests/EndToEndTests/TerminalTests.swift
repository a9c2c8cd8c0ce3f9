import Glibc
import Testing

@Suite("On a real terminal")
struct TerminalTests {
  /// What `command` shows on a terminal of its own; `keys` are sent when it shows `ready`.
  private func screen(_ command: String, keys: String? = nil, environment: [String: String] = [:])
    async throws -> String
  {
    let folder = try Folder()
    try folder.write("run.sh", command + "\necho \"exit $?\"; tmux wait-for -S done; sleep 60\n")
    let socket = "cvlua-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let environment = Place.environment.merging(environment) { $1 }
    func tmux(_ arguments: String...) async throws -> Child.Ending {
      try await Child("/usr/bin/tmux", ["-L", socket] + arguments, in: folder.path, environment: environment)
        .ending()
    }
    _ = try await tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "30", "bash run.sh")
    if let keys {
      var tries = 0
      while tries < 1000, try await !tmux("capture-pane", "-p").output.contains("ready") {
        try await Task.sleep(for: .milliseconds(20))
        tries += 1
      }
      _ = try await tmux("send-keys", keys)
    }
    _ = try await tmux("wait-for", "done")
    let shown = try await tmux("capture-pane", "-p", "-e").output
    _ = try await tmux("kill-server")
    let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.reversed().drop { $0.isEmpty }.reversed().joined(separator: "\n")
  }

  private let night = """
    cvlua --simulate --at 2026-11-21T22:00 -e 'backup.rds{ clientName = "a", instanceName = "b", subclientName = "c" }'
    """

  @Test("a recap has colours")
  func colours() async throws {
    let shown = try await screen(night)
    #expect(
      shown == """
        \u{1B}[33mSIMULATED\u{1B}[39m night of Saturday 2026-11-21: 22:00:00 to 22:04:29, 4m 30s, seed 1

          \u{1B}[32mcompleted\u{1B}[39m  rds  a/b/c (invented)  FULL  4m 23s  22.6 GB  job 148886

        1 target, 1 submit: 1 good · 22.6 GB
        \u{1B}[32mexit 0: all targets are good
        \u{1B}[39mexit 0
        """)
  }

  @Test("NO_COLOR and a dumb terminal have none", arguments: ["NO_COLOR=1", "TERM=dumb"])
  func plain(_ setting: String) async throws {
    #expect(
      try await screen("export \(setting); " + night) == """
        SIMULATED night of Saturday 2026-11-21: 22:00:00 to 22:04:29, 4m 30s, seed 1

          completed  rds  a/b/c (invented)  FULL  4m 23s  22.6 GB  job 148886

        1 target, 1 submit: 1 good · 22.6 GB
        exit 0: all targets are good
        exit 0
        """)
  }

  @Test("Ctrl-C ends a script with 130")
  func interruption() async throws {
    #expect(
      try await screen("cvlua -e 'print \"ready\" while true do pcall(error) end'", keys: "C-c") == """
        ready
        ^Ccvlua: interrupted
        exit 130
        """)
  }

  @Test("without a script there is a sentence")
  func noScript() async throws {
    #expect(
      try await screen("cvlua") == """
        cvlua: name a script, or give one on standard input; see cvlua --help
        exit 64
        """)
  }
}
