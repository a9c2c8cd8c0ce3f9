import CommandCenterAPI

extension CommandCenter {
  /// Every client that the server looks after.
  public func clients() async throws(CommandCenterError) -> [Entity] {
    try await look(.clients, "/Client")
  }

  public func instances(ofClient id: Int64) async throws(CommandCenterError) -> [Entity] {
    try await look(.instances, "/Instance?clientId=\(id)")
  }

  public func backupsets(ofClient id: Int64) async throws(CommandCenterError) -> [Entity] {
    try await look(.backupsets, "/Backupset?clientId=\(id)")
  }

  public func subclients(ofClient id: Int64) async throws(CommandCenterError) -> [Entity] {
    try await look(.subclients, "/Subclient?clientId=\(id)")
  }

  private func look(_ list: EntityList, _ path: String) async throws(CommandCenterError) -> [Entity] {
    let answer = try await get(path)
    return try Self.read { () throws(ServerError) in try list.decode(answer) }
  }
}
