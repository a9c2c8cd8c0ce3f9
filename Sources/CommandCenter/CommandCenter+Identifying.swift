public import CommandCenterAPI

extension CommandCenter {
  /// Finds ids that a target leaves out and names instead.
  ///
  /// It takes the list of clients, once, and that of each client's subclients, once; they are kept, so many
  /// targets of one client cost two requests in all. `GET /GetId` would find one target in one request, but it
  /// does not tell whether a name is unique. It is asked only where the lists do not have a name: they may be
  /// older than what is looked for.
  ///
  /// - Parameters:
  ///   - levels: whose ids are wanted.
  ///   - workload: what the target is one of.
  ///   - association: which of a payload's associations it is, from 0, for messages; nil where there is one.
  /// - Returns: the target with these ids.
  public func identify(
    _ target: Target, _ levels: [EntityLevel], of workload: Workload, association: Int? = nil
  ) async throws(LookupFailure) -> Target {
    guard let deepest = levels.max() else { return target }
    var found = target
    do throws(LookupFailure) {
      let search = TargetSearch(target: target, workload: workload, association: association)
      if target.id(.client) == nil {
        guard target.name(.client) != nil else { throw Self.withoutClient(deepest, association) }
        let clients = try await asked { () async throws(CommandCenterError) in try await self.clients() }
        found.setId(try search.client(among: clients).clientId, of: .client)
      }
      if deepest > .client, let client = found.id(.client) {
        let subclients = try await asked { () async throws(CommandCenterError) in
          try await self.subclients(ofClient: client)
        }
        let entity = try search.entity(among: subclients, downTo: deepest)
        for level in levels { if let id = entity.id(level) { found.setId(id, of: level) } }
      }
    } catch {
      // Where there are several of the name, GetId would tell of one of them.
      guard case .mistake(let mistake) = error, mistake.kind == .notFound,
        let ids = try await ids(of: target, levels)
      else { throw error }
      found = target
      for level in levels { if let id = ids.id(level) { found.setId(id, of: level) } }
    }
    // An entity without an id is none of any use.
    for level in levels where found.id(level) == nil {
      throw .failed(
        CommandCenterError(
          .unintelligible, "The Command Center lists \(target.path) without its \(level.idField)."))
    }
    return found
  }

  private func asked<Answer: Sendable>(
    _ ask: () async throws(CommandCenterError) -> Answer
  ) async throws(LookupFailure) -> Answer {
    do throws(CommandCenterError) { return try await ask() } catch { throw .failed(error) }
  }

  /// What `GET /GetId` says of a target that is named from the client on; nil where it does not know it.
  private func ids(of target: Target, _ levels: [EntityLevel]) async throws(LookupFailure) -> IdAnswer? {
    guard EntityLevel.allCases.allSatisfy({ target.id($0) == nil }), let client = target.name(.client) else {
      return nil
    }
    var query = IdQuery()
    query.clientName = client
    query.agent = target.applicationId.flatMap(Application.init(number:))?.name ?? target.appName
    query.instanceName = target.name(.instance)
    query.backupsetName = target.name(.backupset)
    query.subclientName = target.name(.subclient)
    let answer: IdAnswer
    do throws(CommandCenterError) { answer = try await ids(query) } catch {
      // Servers without it, and those that refuse it, leave it at what the lists say.
      if [.rejected, .notFound, .unintelligible].contains(error.kind) { return nil }
      throw .failed(error)
    }
    return answer.isComplete(for: query) && levels.allSatisfy({ answer.id($0) != nil }) ? answer : nil
  }

  private static func withoutClient(_ level: EntityLevel, _ association: Int?) -> LookupFailure {
    .mistake(
      Mistake(
        .missing, field: EntityLevel.client.nameField, association: association,
        message:
          "\(level.nameField) is looked up among what a client has, so give clientName too, or \(level.idField)"
      ))
  }
}
