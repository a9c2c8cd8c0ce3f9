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

  @Test("a plan without a script is a sentence")
  func noScript() async throws {
    #expect(
      try await screen("cvlua plan") == """
        cvlua: name a script, or give one on standard input; see cvlua --help
        exit 64
        """)
  }
}
