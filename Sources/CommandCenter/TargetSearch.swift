import CommandCenterAPI

/// Finds what a target names among what a client has, or says why it cannot.
struct TargetSearch {
  let target: Target
  /// Knows which fields a script could give to be clearer.
  let workload: Workload
  /// Which association of a payload it is, from 0; nil where there is only one.
  let association: Int?

  /// How many names a message lists at most.
  private static let mostNames = 8

  // MARK: the client

  func client(among clients: [Entity]) throws(LookupFailure) -> Entity {
    let found = clients.filter { !target.differs(from: $0, at: .client) }
    guard found.isEmpty else { return found[0] }
    let name = target.clientName ?? ""
    // What the Command Center shows to people may not be the name.
    let shown = clients.first { $0.displayName.namesTheSame(as: name) }?.clientName
    throw unknown(.client, "is no client of the Command Center", among: clients, meant: shown)
  }

  // MARK: what it has

  /// - Parameters:
  ///   - subclients: all that the client has.
  ///   - deepest: the innermost thing that is to be found.
  func entity(among subclients: [Entity], downTo deepest: EntityLevel) throws(LookupFailure) -> Entity {
    var found = subclients.filter(isOfAgent)
    var place = text(.client)
    if found.isEmpty { throw empty }
    for level in EntityLevel.allCases.dropFirst() where isGiven(level) {
      let matches = found.filter { !target.differs(from: $0, at: level) }
      if matches.isEmpty { throw unknown(level, "is not in \(place)", among: found) }
      found = matches
      place += "/\(text(level))"
    }
    let first = found[0]
    let different = found.filter { $0.id(deepest) != first.id(deepest) }
    if different.isEmpty { return first }
    throw ambiguous(distinct(found, deepest), deepest)
  }

  /// The client has nothing of the agent.
  private var empty: LookupFailure {
    let field = target.id(.client) == nil ? EntityLevel.client.nameField : EntityLevel.client.idField
    let given = target.id(.client).map { String($0) } ?? "\"\(text(.client))\""
    let agent = target.appName ?? target.applicationId.flatMap(Application.init(number:))?.name
    return mistake(
      .notFound, field, "\(field) \(given) has no subclients" + (agent.map { " of the agent \($0)" } ?? ""))
  }

  private func isGiven(_ level: EntityLevel) -> Bool { target.id(level) != nil || target.name(level) != nil }

  /// Whether it belongs to the agent that the payload names, as far as both say.
  private func isOfAgent(_ entity: Entity) -> Bool {
    if let number = target.applicationId, number > 0, entity.applicationId > 0 {
      return number == entity.applicationId
    }
    guard let name = target.appName, !name.isEmpty, !entity.appName.isEmpty else { return true }
    return name.namesTheSame(as: entity.appName)
  }

  private func distinct(_ entities: [Entity], _ level: EntityLevel) -> [Entity] {
    var seen: Set<Int64> = []
    return entities.filter { seen.insert($0.id(level) ?? 0).inserted }
  }

  // MARK: mistakes

  /// What the target says at a level, for messages.
  private func text(_ level: EntityLevel) -> String {
    target.name(level) ?? target.id(level).map { String($0) } ?? ""
  }

  private func unknown(
    _ level: EntityLevel, _ why: String, among known: [Entity], meant: String? = nil
  ) -> LookupFailure {
    let isName = target.id(level) == nil
    let field = isName ? level.nameField : level.idField
    let given = isName ? "\"\(text(level))\"" : text(level)
    var names: [String] = []
    for entity in known {
      if let name = entity.name(level), !names.contains(name) { names.append(name) }
    }
    if isName, let name = meant ?? didYouMean(text(level), among: names) {
      return mistake(.notFound, field, "\(field) \(given) \(why); did you mean \(name)?")
    }
    let listed = names.sorted().prefix(Self.mostNames).joined(separator: ", ")
    let rest = names.count > Self.mostNames ? " and \(names.count - Self.mostNames) others" : ""
    return mistake(
      .notFound, field, "\(field) \(given) \(why)" + (names.isEmpty ? "" : "; there are \(listed)\(rest)"))
  }

  /// - Parameter candidates: two or more that fit, and differ at `level`.
  private func ambiguous(_ candidates: [Entity], _ level: EntityLevel) -> LookupFailure {
    let outer = EntityLevel.allCases.filter { $0 < level }
    let differing = outer.filter { level in
      candidates.contains { $0.name(level) != candidates[0].name(level) }
    }
    let listed = candidates.prefix(Self.mostNames).map { candidate in
      let place = (differing.isEmpty ? [level] : differing).map { level in
        "\(level.noun) \(candidate.name(level) ?? String(candidate.id(level) ?? 0))"
      }
      return place.joined(separator: ", ") + " (\(level.idField) \(candidate.id(level) ?? 0))"
    }
    let rest = candidates.count > listed.count ? ", and \(candidates.count - listed.count) others" : ""
    let clearer =
      differing.map(\.nameField).filter { workload.fieldIndex($0) != nil } + [level.idField]
    let given = isGiven(level) ? "\(level.nameField) \"\(text(level))\"" : level.nameField
    return mistake(
      .ambiguous, level.nameField,
      "\(given) is not unique: it may be \(listed.joined(separator: "; "))\(rest); give \(clearer.joined(separator: " or "))"
    )
  }

  private func mistake(_ kind: Mistake.Kind, _ field: String, _ message: String) -> LookupFailure {
    .mistake(Mistake(kind, field: field, association: association, message: message))
  }
}
