import Testing

@Suite("cvlua doctor")
struct DoctorTests {
  private func doctor(_ served: Served, _ environment: [String: String] = [:]) async throws -> Child.Ending {
    let ending = try await Child(
      Place.cvlua, ["doctor", "--config", "config.lua"], in: served.folder.path,
      environment: served.environment.merging(environment) { $1 }
    ).ending()
    served.note(ending)
    return ending
  }

  @Test("tells in a line each what works, and that nothing is to be done")
  func good() async throws {
    let served = try await Served(speed: 1, ["--tls"])
    let told = try await doctor(served)
    let lines = told.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.contains(/^(ok     |warning|bad    )  [^→]+ → [^→]+$/) }, "\(told.output)")
    for line in [
      "ok       the configuration config.lua can be read → nothing to do",
      "ok       profile sim: \(served.url) is reached, and takes the login of simulator → nothing to do",
      "ok       profile sim: POST /Jobs lists jobs, so that one request watches many → nothing to do",
    ] {
      #expect(lines.contains { $0 == line }, "\(told.output)")
    }
    try await served.close()
  }

  @Test("of a server that the environment names speaks by its variables")
  func environment() async throws {
    let served = try await Served()
    try served.folder.write("config.lua", "return {}\n")
    let told = try await doctor(
      served, ["CVLUA_URL": served.url, "CVLUA_TOKEN": Served.token])
    #expect(told.code == 1)
    #expect(
      told.output.contains(
        "\nok       the server of CVLUA_URL: \(served.url) is reached, and takes the token → nothing to do\n"),
      "\(told.output)")
    #expect(told.output.contains(" → set CVLUA_UNATTENDED=1 where a timer is to start them\n"))
    try await served.close()
  }
}
