import CommandCenter
import CommandCenterAPI
import LuaVM

/// What a Command Center has, for scripts.
extension Commcell {
  static var lookupEntries: [APIEntry] {
    [
      APIEntry(
        "commcell:clients", "(query?: client_query): list: entity[]", waits: true,
        """
        All clients: clientName, clientId, displayName, hostName. Answers are kept for the run, and whoever asks \
        for the same meanwhile shares one request; `refresh = true` asks anew. A look-up raises what the server \
        says against it, or why it cannot be reached.
        """,
        example: "for _, c in ipairs(commcell():clients()) do print(c.clientName, c.clientId) end"
      ) { call throws(LuaFailure) in
        let (commcell, arguments) = try receive(call, "commcell:clients", clientQuery.names)
        let (center, refresh) = (commcell.center, try arguments.flag("refresh"))
        return try look(call) { () async throws(CommandCenterError) in
          try await center.clients(refresh: refresh)
        }
      },
      APIEntry(
        "commcell:instances", "(query: instance_query): list: entity[]", waits: true,
        "The instances of a client: instanceName, instanceId, appName, applicationId, and the client's.",
        example: "assert(commcell():instances{ client = \"aws-prod\" }[1].instanceName == \"DynamoDB\")"
      ) { call throws(LuaFailure) in
        try list(call, instanceQuery, "commcell:instances", within: [.client]) {
          (center, id, refresh) async throws(CommandCenterError) in
          try await center.instances(ofClient: id, refresh: refresh)
        }
      },
      APIEntry(
        "commcell:backupsets", "(query: backupset_query): list: entity[]",
        waits: true,
        "The backup sets of a client: backupsetName, backupsetId, and what they belong to.",
        example:
          "assert(#commcell():backupsets{ client = \"aws-prod\", instance = \"eu-west-1\" } == 1)"
      ) { call throws(LuaFailure) in
        try list(call, backupsetQuery, "commcell:backupsets", within: [.client, .instance]) {
          (center, id, refresh) async throws(CommandCenterError) in
          try await center.backupsets(ofClient: id, refresh: refresh)
        }
      },
      APIEntry(
        "commcell:subclients",
        "(query: subclient_query): list: entity[]",
        waits: true,
        """
        The subclients of a client: subclientName, subclientId, and what they belong to. Each can be passed as \
        the fields of a workload; what the workload's page does not list is left out.
        """,
        example:
          "local s = commcell():subclients{ client = \"aws-prod\", instance = \"DynamoDB\" }  backup.dynamodb(s[1])"
      ) { call throws(LuaFailure) in
        try list(call, subclientQuery, "commcell:subclients", within: [.client, .instance, .backupset]) {
          (center, id, refresh) async throws(CommandCenterError) in
          try await center.subclients(ofClient: id, refresh: refresh)
        }
      },
      APIEntry(
        "commcell:id_of",
        "(query: id_query): ids",
        waits: true,
        """
        The ids of what is named, in one request: clientId, applicationId, instanceId, backupsetId, subclientId. \
        What the server does not know has none. A subclient's name without its backup set is looked for in the \
        set that the server thinks of first.
        """,
        example:
          "local ids = commcell():id_of{ client = \"aws-prod\", instance = \"eu-west-1\", subclient = \"crm\" }  assert(ids.subclientId == 1202)",
        idOf),
    ]
  }

  // MARK: what they take

  private static let refreshField = APIShape.Field("refresh?", "boolean", "asks the server anew")
  private static let clientField = APIShape.Field("client", "string|integer", "the client, by name or id")
  private static let instanceField = APIShape.Field("instance?", "string|integer", "only of this instance")

  static let clientQuery = APIShape("client_query", .arguments, "Which clients.", [refreshField])
  static let instanceQuery = APIShape(
    "instance_query", .arguments, "Which instances.", [clientField, refreshField])
  static let backupsetQuery = APIShape(
    "backupset_query", .arguments, "Which backup sets.", [clientField, instanceField, refreshField])
  static let subclientQuery = APIShape(
    "subclient_query", .arguments, "Which subclients.",
    [
      clientField, instanceField, .init("backupset?", "string|integer", "only of this backup set"),
      refreshField,
    ])

  // MARK: lists

  /// Lists what stands below a client, and of that what stands below what else is named.
  private static func list(
    _ call: Stack, _ shape: APIShape, _ function: String, within levels: [EntityLevel],
    _ ask: @escaping @Sendable (CommandCenter, Int64, Bool) async throws(CommandCenterError) -> [Entity]
  ) throws(LuaFailure) -> Reply {
    let (commcell, arguments) = try receive(call, function, shape.names)
    let refresh = try arguments.flag("refresh")
    guard let client = try arguments.naming("client") else {
      throw .argument("\(function) needs the client: { client = \"aws-prod\" }")
    }
    var wanted: [(EntityLevel, Naming)] = []
    for level in levels.dropFirst() {
      if let naming = try arguments.naming("\(level)") { wanted.append((level, naming)) }
    }
    let (center, filters) = (commcell.center, wanted)
    return try Session.of(call).wait(
      call,
      { () async throws(LuaFailure) in
        let id = try await clientId(client, center, function)
        do throws(CommandCenterError) {
          return try await ask(center, id, refresh).filter { entity in
            filters.allSatisfy { $1.means(entity, at: $0) }
          }
        } catch {
          throw LuaFailure(error)
        }
      },
      { stack, entities in
        EntityTable.push(stack, entities)
        return 1
      })
  }

  /// The id of a client; raises where there is none of that name.
  static func clientId(
    _ client: Naming, _ center: CommandCenter, _ function: String
  ) async throws(LuaFailure) -> Int64 {
    guard case .name(let name) = client else {
      if case .id(let id) = client { return id }
      return 0
    }
    let clients: [Entity]
    do throws(CommandCenterError) { clients = try await center.clients() } catch { throw LuaFailure(error) }
    if let found = clients.first(where: { client.means($0, at: .client) }) { return found.clientId }
    let hint = didYouMean(name, among: clients.map(\.clientName)).map { "; did you mean \($0)?" } ?? ""
    throw LuaFailure("not_found", "\(function): there is no client \(client.text)\(hint)")
  }

  private static func look(
    _ call: Stack, _ ask: @escaping @Sendable () async throws(CommandCenterError) -> [Entity]
  ) throws(LuaFailure) -> Reply {
    try Session.of(call).wait(
      call,
      { () async throws(LuaFailure) in
        do throws(CommandCenterError) { return try await ask() } catch { throw LuaFailure(error) }
      },
      { stack, entities in
        EntityTable.push(stack, entities)
        return 1
      })
  }

  // MARK: ids

  static let idQuery = APIShape(
    "id_query", .arguments, "Whose ids.",
    [
      .init("client", "string", "the client's name"),
      .init("agent?", "string", "the agent's, such as \"Cloud Apps\""),
      .init("instance?", "string", "the instance's"),
      .init("backupset?", "string", "the backup set's"),
      .init("subclient?", "string", "the subclient's"),
      refreshField,
    ])

  static let idsShape = APIShape(
    "ids", .table, "The ids of what was named; what the server does not know has none.",
    ["clientId", "applicationId", "instanceId", "backupsetId", "subclientId"].map {
      .init($0 + "?", "integer", "the API's id")
    })

  private static func idOf(_ call: Stack) throws(LuaFailure) -> Reply {
    let (commcell, arguments) = try receive(call, "commcell:id_of", idQuery.names)
    var query = IdQuery()
    query.clientName = try arguments.text("client")
    query.agent = try arguments.text("agent")
    query.instanceName = try arguments.text("instance")
    query.backupsetName = try arguments.text("backupset")
    query.subclientName = try arguments.text("subclient")
    guard query.clientName != nil else {
      throw .argument("commcell:id_of needs the client: { client = \"aws-prod\" }")
    }
    let (center, asked, refresh) = (commcell.center, query, try arguments.flag("refresh"))
    return try Session.of(call).wait(
      call,
      { () async throws(LuaFailure) in
        do throws(CommandCenterError) { return try await center.ids(asked, refresh: refresh) } catch {
          throw LuaFailure(error)
        }
      },
      { stack, ids in
        stack.pushTable(fields: 5)
        for (name, id) in [
          ("clientId", ids.clientId), ("applicationId", ids.applicationId), ("instanceId", ids.instanceId),
          ("backupsetId", ids.backupsetId), ("subclientId", ids.subclientId),
        ] {
          guard let id else { continue }
          stack.push(id)
          stack.set(-2, name)
        }
        return 1
      })
  }
}
