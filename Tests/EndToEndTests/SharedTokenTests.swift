import CommandCenterAPI
import Glibc
import Testing

@Suite("An access token that many processes share")
struct SharedTokenTests {
  @Test("is renewed once when it nears its end, and locks nobody out")
  func expiring() async throws {
    let served = try await served()
    // It has a minute left, so that nobody would begin with it.
    let old = try pair(served)
    let soon = Int64(time(nil)) + 60
    try served.secret(
      "pair",
      "{\"accessToken\": \"\(old.access)\", \"refreshToken\": \"\(old.refresh)\", \"expires\": \(soon)}")
    try await share(served, old)
  }

  @Test("is renewed once when the server has let it die, and locks nobody out")
  func dead() async throws {
    let served = try await served(faults: "createtask:expire-token@1")
    try await share(served, try pair(served))
  }

  private func served(faults: String = "") async throws -> Served {
    let keys = try Folder()
    let served = try await Served(
      faults: faults, ["--access-token", "\(keys.path)/pair", "--access-token-life", "20h"])
    try served.secret("pair", try File.read("\(keys.path)/pair"))
    try served.configure(login: "access_token_file = \"\(served.folder.path)/keys/pair\"")
    return served
  }

  private func pair(_ served: Served) throws -> (access: String, refresh: String) {
    let json = try JSONValue(parsing: Array(try File.read("\(served.folder.path)/keys/pair").utf8))
    return (try #require(json["accessToken"]?.string), try #require(json["refreshToken"]?.string))
  }

  /// Fifty processes back up at once, and one more afterwards.
  private func share(_ served: Served, _ old: (access: String, refresh: String)) async throws {
    let children = try (1...50).map { number in
      try served.start([
        "-e",
        "backup.rds{ clientName = 'c', instanceName = 'i', subclientName = 'table \(number)' }:wait()",
      ])
    }
    for child in children {
      let ending = try await child.ending()
      served.note(ending)
      #expect(ending.code == 0, "\(ending.errors)")
    }
    let new = try pair(served)
    #expect(new.access != old.access)
    #expect(new.refresh != old.refresh)
    var status = stat()
    #expect(stat("\(served.folder.path)/keys/pair", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)

    #expect(try await served.run("-e", oneBackup).code == 0)
    let state = try await served.state()
    #expect(state.requests["POST /V4/AccessToken/Renew"] == 1)
    #expect(state.logins == 0)
    #expect(state.jobs.count == 51)
    served.secrets += [old.access, old.refresh, new.access, new.refresh]
    try await served.close()
  }
}
