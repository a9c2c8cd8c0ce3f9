import CommandCenterAPI
import HTTPTypes

extension CommCell {
  /// `GET /Client`: all of them, without paging.
  func listClients() -> Answer {
    Self.list("clientProperties", inventory.clients.indices) { client, json in
      json.key("client")
      json.beginObject()
      json.key("clientEntity")
      writeEntity(ofClient: client, to: &json)
      json.endObject()
    }
  }

  /// `GET /Instance?clientId=`, here and below also by `clientName=`
  func listInstances(_ query: Query) -> Answer {
    Self.list("instanceProperties", instances(of: query)) { writeInstance($0, to: &$1) }
  }

  /// `GET /Backupset?clientId=`
  func listBackupsets(_ query: Query) -> Answer {
    let sets = instances(of: query).flatMap { inventory.backupsets(ofInstance: $0) }
    return Self.list("backupsetProperties", sets) { writeBackupset($0, to: &$1) }
  }

  /// `GET /Subclient?clientId=`
  func listSubclients(_ query: Query) -> Answer {
    let set = query.id("backupsetId")
    let sets = instances(of: query).flatMap { inventory.backupsets(ofInstance: $0) }.filter { index in
      set.map { $0 == inventory.backupsets[index].id } ?? true
    }
    let subclients = sets.flatMap { inventory.subclients(ofBackupset: $0) }
    return Self.list("subClientProperties", subclients) { writeSubclient($0, to: &$1) }
  }

  /// `GET /GetId?clientname=&agent=&instanceName=&backupset=&subclient=`: -32000 for what is not found or not
  /// asked for, and HTTP 404 where something that was asked for is not found, with the body all the same.
  ///
  /// A growing inventory grows by what is named from the client down to the subclient, as it does for submits.
  mutating func ids(_ query: Query) -> Answer {
    if settings.inventoryGrows { inventNamed(query) }
    let notFound: Int64 = -32_000
    let client = query["clientname"].flatMap { inventory.client(named: $0) }
    let application = query["agent"].flatMap(Application.init(named:))
    let instance = client.flatMap { findInstance(query, application, ofClient: $0) }
    let setName = query["backupset"] ?? Inventory.defaultBackupset
    let set = instance.flatMap { inventory.backupset(named: setName, ofInstance: $0) }
    let subclient = set.flatMap { set in
      query["subclient"].flatMap { inventory.subclient(named: $0, ofBackupset: set) }
    }
    let asked: [(String, Int64?)] = [
      ("clientname", client.map { inventory.clients[$0].id }),
      ("agent", application?.number),
      ("instanceName", instance.map { inventory.instances[$0].id }),
      ("backupset", set.map { inventory.backupsets[$0].id }),
      ("subclient", subclient.map { inventory.subclients[$0].id }),
    ]
    let isComplete = asked.allSatisfy { query[$0.0] == nil || $0.1 != nil }
    let members = ["clientId", "applicationId", "instanceId", "backupsetId", "subclientId"]
    return .object(isComplete ? .ok : .notFound) { json in
      for (member, id) in zip(members, asked.map(\.1)) { json.member(member, id ?? notFound) }
    }
  }

  /// The instance that a query for ids means: of the agent and the name that it gives, where that is one.
  private func findInstance(_ query: Query, _ application: Application?, ofClient client: Int) -> Int? {
    let named = query["instanceName"]
    // Whoever names neither wants the client only.
    guard named != nil || application != nil else { return nil }
    if query["agent"] != nil && application == nil { return nil }
    let found = inventory.instances(ofClient: client).filter { index in
      let instance = inventory.instances[index]
      return application.map { $0 == instance.kind.application } ?? true
        && named.map { instance.name.isSame($0) } ?? true
    }
    return found.count == 1 ? found[0] : nil
  }

  private mutating func inventNamed(_ query: Query) {
    guard let client = query["clientname"], let instance = query["instanceName"],
      let subclient = query["subclient"], let agent = query["agent"].flatMap(Application.init(named:))
    else { return }
    let association = Association([
      "clientName": .string(client), "instanceName": .string(instance), "subclientName": .string(subclient),
      "backupsetName": .string(query["backupset"] ?? Inventory.defaultBackupset),
    ])
    guard inventory.resolve(association).isEmpty else { return }
    // Of the cloud's workloads, DynamoDB's page is the one that wants ids.
    let kind: Kind =
      switch agent {
      case .oracle: .oracle
      case .sqlServer: .mssql
      case .cloudApps: .dynamodb
      }
    _ = inventory.invent(association, kind)
  }

  private func instances(of query: Query) -> [Int] {
    let byId = query.id("clientId").flatMap { inventory.client(id: $0) }
    guard let client = byId ?? query["clientName"].flatMap({ inventory.client(named: $0) }) else { return [] }
    let application = query.id("applicationId")
    let instance = query.id("instanceId")
    return inventory.instances(ofClient: client).filter { index in
      application.map { $0 == inventory.instances[index].kind.application.number } ?? true
        && instance.map { $0 == inventory.instances[index].id } ?? true
    }
  }

  static func list<Item>(
    _ name: String, _ items: some Sequence<Item>, _ write: (Item, inout JSONWriter) -> Void
  ) -> Answer {
    .object { json in
      json.key(name)
      json.beginArray()
      for item in items {
        json.beginObject()
        write(item, &json)
        json.endObject()
      }
      json.endArray()
    }
  }

  /// An entity with what it belongs to, as an association has it.
  static func write(_ names: JobSummary.Subclient, _ type: EntityType, to json: inout JSONWriter) {
    json.beginObject()
    json.member("clientName", names.clientName)
    json.member("clientId", names.clientId)
    json.member("appName", names.appName)
    json.member("applicationId", names.applicationId)
    json.member("instanceName", names.instanceName)
    json.member("instanceId", names.instanceId)
    if names.backupsetId > 0 {
      json.member("backupsetName", names.backupsetName)
      json.member("backupsetId", names.backupsetId)
    }
    if names.subclientId > 0 {
      json.member("subclientName", names.subclientName)
      json.member("subclientId", names.subclientId)
    }
    json.member("_type_", type.number ?? 0)
    json.endObject()
  }
}
