import Testing

@Suite("Before anything is submitted")
struct AgreementTests {
  private let command = "cvlua --config config.lua -e '\(oneBackup) print \"after\"'"

  /// What a terminal shows of a run for whom somebody types `keys` at the question.
  private func shown(_ served: Served, _ command: String, keys: [String] = []) async throws -> String {
    try await screen(
      command, in: served.folder.path, keys: keys, at: "Go on? [y/N]",
      environment: served.environment.merging(["NO_COLOR": "1"]) { $1 })
  }

  private func question(_ served: Served) -> String {
    "cvlua: this submits to \(served.url) as simulator (profile sim). Go on? [y/N] "
  }

  @Test("a terminal is asked once, with server and user; y goes on")
  func yes() async throws {
    let served = try await Served()
    try served.configure("")
    let two = """
      cvlua --config config.lua -e 'flow.map({ "a", "b" }, function(n)
        return backup.rds{ clientName = "c", instanceName = "i", subclientName = n }:wait() end)'
      """
    let shown = try await shown(served, two, keys: ["y", "Enter"])
    // The terminal breaks long lines.
    let text = shown.split(separator: "\n").joined()
    #expect(text.hasPrefix(question(served) + "y"), "\(shown)")
    #expect(text.split(separator: "Go on?").count == 2)
    #expect(shown.hasSuffix("exit 0"), "\(shown)")
    #expect(try await served.state().jobs == ["Completed", "Completed"])
    try await served.close()
  }

  @Test("anything else submits nothing, and nothing of the script goes on", arguments: ["n", "", "yess"])
  func no(_ answer: String) async throws {
    let served = try await Served()
    try served.configure("")
    let shown = try await shown(served, command, keys: [answer, "Enter"].filter { !$0.isEmpty })
    // The terminal breaks long lines.
    let text = shown.split(separator: "\n").joined()
    #expect(
      text.contains("nothing was submitted to \(served.url) as simulator (profile sim): you said no"),
      "\(shown)")
    #expect(!shown.contains("after"))
    #expect(shown.hasSuffix("exit 64"), "\(shown)")
    #expect(try await served.state().submits == 0)
    try await served.close()
  }

  @Test("--yes asks nobody")
  func agreed() async throws {
    let served = try await Served()
    try served.configure("")
    let shown = try await shown(served, "cvlua --yes --config config.lua -e '\(oneBackup)'")
    #expect(!shown.contains("Go on?"), "\(shown)")
    #expect(shown.hasSuffix("exit 0"), "\(shown)")
    #expect(try await served.state().submits == 1)
  }

  @Test("without a terminal the profile must allow it, which no pcall can hide")
  func unattended() async throws {
    let served = try await Served()
    try served.configure("")
    for code in [oneBackup, "pcall(function() \(oneBackup) end) print 'after'"] {
      let live = try await served.run("-e", code)
      #expect(
        live.errors.contains(
          "nothing was submitted to \(served.url) as simulator (profile sim): nobody is here to agree; give profile sim unattended = true, or run it with --yes"
        ), "\(live.errors)")
      #expect(live.code == 64)
    }
    #expect(try await served.state().submits == 0)
    let agreed = try await served.run("--yes", "-e", oneBackup)
    #expect(agreed.code == 0)
    #expect(try await served.state().submits == 1)
    try await served.close()
  }
}
