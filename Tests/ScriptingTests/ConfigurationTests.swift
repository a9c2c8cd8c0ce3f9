import CommandCenter
import LuaVM
import Scripting
import Testing

@Suite("The configuration file")
struct ConfigurationTests {
  private func read(_ text: String) async -> Result<Configuration, LuaFailure> {
    do throws(LuaFailure) {
      return .success(try await Configuration.read(Array(text.utf8), name: "config.lua"))
    } catch {
      return .failure(error)
    }
  }

  @Test("gives profiles with where their secrets come from")
  func profiles() async throws {
    let configuration = try await read(
      """
      local common = { unattended = true, budget = "saas" }
      local function profile(p) for k, v in pairs(common) do p[k] = v end return p end
      return {
        prod = profile{ url = "https://cc", user = "svc", password = secret.env "CV_PASSWORD", default = true },
        eu = profile{ url = "https://eu", token = secret.file "/etc/token", secrets = { slack = secret.command{ "pass", "slack" } } },
      }
      """
    ).get()
    #expect(configuration.profiles.map(\.name) == ["eu", "prod"])
    #expect(configuration.profiles[0].token == .file("/etc/token"))
    #expect(configuration.profiles[0].secrets == ["slack": .command(["pass", "slack"])])
    #expect(configuration.profiles[1].password == .environment("CV_PASSWORD"))
    #expect(configuration.profiles[1].budget == .saas)
    #expect(configuration.profiles[1].isUnattended && configuration.profiles[1].isDefault)
  }

  @Test(
    "refuses what it does not know, in one sentence",
    arguments: [
      ("return 1", "config.lua: a configuration returns a table of profiles, not 1"),
      ("return { prod = 1 }", "config.lua: profile prod must be a table, not 1"),
      (
        "return { prod = { ulr = 'x' } }",
        "config.lua: profile prod knows no setting \"ulr\"; did you mean url?"
      ),
      (
        "return { prod = {} }", "config.lua: profile prod needs a url, such as https://HOST/commandcenter/api"
      ),
      (
        "return { prod = { url = 'x', user = 'u', password = 'p4ss' } }",
        "config.lua: profile prod wants secret.env, secret.file, secret.credential or secret.command for password; "
          + "the secret itself does not belong in a configuration"
      ),
      (
        "return { prod = { url = 'x' } }",
        "config.lua: profile prod needs one of password (with user), token or access_token_file, and has 0 of them"
      ),
      (
        "return { prod = { url = 'x', attention = { slack = 'https://5ec7e7' } } }",
        "config.lua: profile prod wants secret.env, secret.file, secret.credential or secret.command for "
          + "attention.slack: whoever knows the address may post there, so it does not belong in a configuration"
      ),
      (
        "return { prod = { url = 'x', attention = 'https://5ec7e7' } }",
        "config.lua: profile prod wants a table for attention, such as { webhook = secret.env \"…\" }, not a string"
      ),
      (
        "return { prod = { url = 'x', ping = { sucess = 'https://5ec7e7' } } }",
        "config.lua: profile prod knows no ping.sucess; did you mean success?"
      ),
      (
        "return { prod = { url = 'x', ping = { fail = '5ec7e7' } } }",
        "config.lua: profile prod wants a URL such as \"https://…\", or secret.env, secret.file, …, for ping.fail"
      ),
      ("return {", "config.lua:1: unexpected symbol near <eof>"),
      ("x()", "config.lua:1: attempt to call a nil value (global 'x')"),
      ("io.open('/etc/passwd')", "config.lua:1: attempt to call a nil value (field 'open')"),
    ])
  func refusals(_ text: String, _ sentence: String) async {
    guard case .failure(let failure) = await read(text) else {
      Issue.record("it was taken: \(text)")
      return
    }
    #expect(failure.sentence == sentence)
  }

  @Test("says whom to tell, by secrets; a ping's address may stand there, and never shows")
  func addresses() async throws {
    let configuration = try await read(
      """
      return { prod = {
        url = "https://cc", token = secret.env "T", attention = { slack = secret.env "SLACK" },
        ping = { start = "https://ping.example/5ec7e7/start", success = secret.file "/etc/ping" },
      } }
      """
    ).get()
    let profile = try #require(configuration.profiles.first)
    #expect(profile.attention.slack == .environment("SLACK"))
    #expect(profile.attention.webhook == nil)
    #expect(profile.ping.success == .secret(.file("/etc/ping")))
    #expect(profile.ping.fail == nil)
    #expect(profile.ping.start == .url(Secret("https://ping.example/5ec7e7/start")))
    var seen = ""
    dump(profile, to: &seen)
    #expect(!"\(profile) \(String(reflecting: profile)) \(seen)".contains("5ec7e7"))
  }

  @Test("fetches secrets, and never shows them")
  func secrets() throws {
    #expect("\(try SecretSource.command(["printf", "s3cret\\n"]).fetch())" == "<secret>")
    #expect(throws: LuaFailure("secret", "the environment variable CVLUA_NO_SUCH is not set")) {
      try SecretSource.environment("CVLUA_NO_SUCH").fetch()
    }
    #expect(throws: LuaFailure("secret", "the command false failed, so there is no secret")) {
      try SecretSource.command(["false"]).fetch()
    }
    #expect(
      throws: LuaFailure("secret", "the command printf holds several lines, where one secret is wanted")
    ) {
      try SecretSource.command(["printf", "a\\nb"]).fetch()
    }
    #expect(throws: LuaFailure("secret", "/etc/hostname can be read by others; run: chmod 600 /etc/hostname"))
    {
      try SecretSource.file("/etc/hostname").fetch()
    }
  }
}
