import LuaVM
import Scripting
import Testing

@Suite("Which Command Center is meant")
struct ProfilesTests {
  private func profile(_ name: String, isDefault: Bool = false, url: String = "https://cc") -> Profile {
    var profile = Profile(name: name, url: url)
    (profile.user, profile.password) = ("svc", .file("/etc/password"))
    profile.isUnattended = true
    profile.isDefault = isDefault
    return profile
  }

  private func profiles(
    _ files: [[Profile]], named: String? = nil, _ variables: [String: String] = [:]
  ) throws(LuaFailure) -> Profiles {
    let configurations = files.map { Configuration(profiles: $0) }
    return try Profiles(configurations, named: named, environment: .init { variables[$0] })
  }

  @Test("The command line comes first, then CVLUA_PROFILE, then default = true, then the only one there is")
  func order() throws {
    let two = [[profile("eu"), profile("prod", isDefault: true)]]
    #expect(try profiles(two, named: "eu").own?.name == "eu")
    #expect(try profiles(two, named: "prod", ["CVLUA_PROFILE": "eu"]).own?.name == "prod")
    #expect(try profiles(two, ["CVLUA_PROFILE": "eu"]).own?.name == "eu")
    #expect(try profiles(two).own?.name == "prod")
    #expect(try profiles([[profile("eu")]]).own?.name == "eu")
    #expect(try profiles([[profile("eu"), profile("us")]]).own == nil)
    #expect(try profiles([]).own == nil)
  }

  @Test("A later file adds to an earlier one, and its profiles replace those of the same names")
  func files() throws {
    let both = try profiles([
      [profile("eu"), profile("prod", url: "https://old")],
      [profile("prod", isDefault: true, url: "https://new")],
    ])
    #expect(both.all.map(\.name) == ["eu", "prod"])
    #expect(both.own?.url == "https://new")
  }

  @Test("A server from the environment gets its own token, and neither password nor consent of a profile's")
  func server() throws {
    let alone = try profiles([], ["CVLUA_URL": "https://cc2", "CVLUA_TOKEN": "t"]).own
    #expect(alone?.name == "environment" && alone?.url == "https://cc2" && alone?.isUnattended == false)
    #expect(alone?.token == .environment("CVLUA_TOKEN"))
    let over = try profiles(
      [[profile("prod")]], named: "prod", ["CVLUA_URL": "https://cc2", "CVLUA_TOKEN": "t"]
    ).own
    #expect(over?.name == "prod" && over?.url == "https://cc2")
    #expect(over?.password == nil && over?.user == nil && over?.isUnattended == false)
    let agreed = try profiles(
      [], ["CVLUA_URL": "https://cc2", "CVLUA_TOKEN": "t", "CVLUA_UNATTENDED": "1"]
    ).own
    #expect(agreed?.isUnattended == true)
  }

  @Test("CVLUA_TOKEN alone is the chosen profile's token")
  func token() throws {
    let own = try profiles([[profile("prod")]], ["CVLUA_TOKEN": "t"]).own
    #expect(own?.url == "https://cc" && own?.token == .environment("CVLUA_TOKEN"))
    #expect(own?.password == nil && own?.isUnattended == true)
  }

  @Test("What is not there, or not enough, is said in one sentence")
  func mistakes() {
    func message(_ body: () throws(LuaFailure) -> Profiles) -> String {
      do throws(LuaFailure) {
        _ = try body()
        return "nothing"
      } catch {
        return error.message
      }
    }
    let two = [[profile("eu"), profile("prod")]]
    #expect(
      message { () throws(LuaFailure) in try profiles(two, named: "prd") }
        == "there is no profile prd; did you mean prod?")
    #expect(
      message { () throws(LuaFailure) in try profiles([], named: "prod") }
        == "there is no profile prod: no configuration file has any")
    #expect(
      message { () throws(LuaFailure) in try profiles([], ["CVLUA_URL": "https://cc"]) }
        == "CVLUA_URL is set, so CVLUA_TOKEN must hold a token for that server")
    #expect(
      message { () throws(LuaFailure) in try profiles([], ["CVLUA_TOKEN": "t"]) }
        == "CVLUA_TOKEN is set, but neither CVLUA_URL nor a profile says whose token it is")
  }
}
