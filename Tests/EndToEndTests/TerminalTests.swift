import Glibc
import Testing

@Suite("On a real terminal")
struct TerminalTests {
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
      try await screen("cvlua -e 'print \"ready\" while true do pcall(error) end'", keys: ["C-c"]) == """
        ready
        ^Ccvlua: interrupted
        exit 130
        """)
  }

  @Test(
    "whether a run goes on that died tonight is asked, with what has changed since",
    arguments: [("Enter", "one", 1), ("n", "other", 2)])
  func takenUp(_ key: String, _ name: String, _ runs: Int) async throws {
    let folder = try Folder()
    func write(_ name: String) throws {
      try folder.write(
        "night.lua", "print(\"\(name)\") \(oneBackup.replacing("\"a\"", with: "\"\(name)\""))\n")
    }
    let night = [
      "--simulate", "--at", "2026-11-21T22:00", "--state", "s.db", "--journal", "j.db", "night.lua",
    ]
    try write("one")
    let died = try await Child(
      Place.cvlua, night, in: folder.path,
      environment: Place.environment.merging(["CVLUA_CRASH_AT": "after ids@backup.rds:c/i/one FULL #1"]) {
        $1
      }
    ).ending()
    #expect(died.code == 128 + SIGKILL, "\(died.errors)")
    try write("other")
    let shown = try await screen(
      "cvlua \(night.joined(separator: " "))", in: folder.path,
      keys: key == "Enter" ? [key] : [key, "Enter"], at: "[Y/n]", environment: ["NO_COLOR": "1"])
    // The terminal breaks long lines.
    let text = shown.split(separator: "\n").joined()
    #expect(text.contains("with the script as it was ("), "\(shown)")
    #expect(text.contains("night.lua has changed since)? [Y/n]"), "\(shown)")
    #expect(shown.split(separator: "\n").contains(Substring(name)), "\(shown)")
    #expect(shown.hasSuffix("exit 0"), "\(shown)")
    let listed = try await Child(
      Place.cvlua, ["runs", "--journal", "j.db"], in: folder.path, environment: Place.environment
    ).ending().output
    #expect(listed.split(separator: "\n").count == runs, "\(listed)")
  }

  @Test("a plan without a script is a sentence")
  func noScript() async throws {
    #expect(
      try await screen("cvlua plan") == """
        cvlua: name a script, or give one on standard input; see cvlua --help
        exit 64
        """)
  }
}
