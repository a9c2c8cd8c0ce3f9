import Clock
public import CommandCenterAPI

/// Looking up what a server has. Each answer is kept as long as this client, and those who ask for the same at
/// the same time share one request; `refresh` asks anew.
extension CommandCenter {
  /// Every client that the server looks after.
  public func clients(refresh: Bool = false) async throws(CommandCenterError) -> [Entity] {
    try await look(for: .clients, EntityList.clients.path(), refresh)
  }

  public func instances(
    ofClient id: Int64, refresh: Bool = false
  ) async throws(CommandCenterError) -> [Entity] {
    try await look(for: .instances, EntityList.instances.path(ofClient: id), refresh)
  }

  public func backupsets(
    ofClient id: Int64, refresh: Bool = false
  ) async throws(CommandCenterError) -> [Entity] {
    try await look(for: .backupsets, EntityList.backupsets.path(ofClient: id), refresh)
  }

  public func subclients(
    ofClient id: Int64, refresh: Bool = false
  ) async throws(CommandCenterError) -> [Entity] {
    try await look(for: .subclients, EntityList.subclients.path(ofClient: id), refresh)
  }

  /// The ids of what `query` names, in one request. Names without one are asked for again the next time.
  public func ids(_ query: IdQuery, refresh: Bool = false) async throws(CommandCenterError) -> IdAnswer {
    let looked = try await look(query.path, refresh) { answer throws(ServerError) in
      .ids(try IdAnswer.decode(status: answer.status, body: answer.body))
    }
    guard case .ids(let ids) = looked else { return IdAnswer() }
    if !ids.isComplete(for: query) { lookups[query.path] = nil }
    return ids
  }

  /// The server's own identity, which its URL is not: the GUID that it tells, else its name. Asked for once.
  public func identity() async throws(CommandCenterError) -> String {
    let looked = try await look("/CommServ", false) { answer throws(ServerError) in
      .commServ(try CommServ.decode(status: answer.status, body: answer.body))
    }
    guard case .commServ(let server) = looked else { return "" }
    return server.guid ?? server.name
  }

  private func look(
    for list: EntityList, _ path: String, _ refresh: Bool
  ) async throws(CommandCenterError) -> [Entity] {
    let looked = try await look(path, refresh) { answer throws(ServerError) in
      .entities(try list.decode(answer))
    }
    guard case .entities(let entities) = looked else { return [] }
    return entities
  }

  private func look(
    _ path: String, _ refresh: Bool, _ decode: @escaping @Sendable (RawAnswer) throws(ServerError) -> Looked
  ) async throws(CommandCenterError) -> Looked {
    if !refresh, let known = lookups[path] { return known }
    let result: Result<Looked, CommandCenterError> = await clock.park { answer in
      let isFirst = lookupWaiters[path] == nil
      lookupWaiters[path, default: []].append(answer)
      guard isFirst else { return }
      // A task of its own: it matters to nobody else where one of those who wait gives up.
      clock.hold()
      Task(executorPreference: taskExecutor) {
        await self.look(path, decode)
        self.clock.release()
      }
    }
    return try result.get()
  }

  private func look(
    _ path: String, _ decode: @Sendable (RawAnswer) throws(ServerError) -> Looked
  ) async {
    let result: Result<Looked, CommandCenterError>
    do throws(CommandCenterError) {
      let answer = try await get(path)
      let looked = try Self.read { () throws(ServerError) in try decode(answer) }
      lookups[path] = looked
      result = .success(looked)
    } catch {
      result = .failure(error)
    }
    for wake in lookupWaiters.removeValue(forKey: path) ?? [] { wake(result) }
  }
}
