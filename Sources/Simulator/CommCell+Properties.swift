import CommandCenterAPI
import HTTPTypes

/// What is told of one thing of the inventory. A list of one, as lists of many have it; empty where there is
/// none of that id.
extension CommCell {
  /// `GET /Client/{id}`
  func client(_ id: Int64) -> Answer {
    let found = inventory.client(id: id)
    return Self.list("clientProperties", found.map { [$0] } ?? []) { client, json in
      json.key("client")
      json.beginObject()
      json.key("clientEntity")
      writeEntity(ofClient: client, to: &json)
      json.key("osInfo")
      json.beginObject()
      json.member("Type", "Unix")
      json.member("SubType", "Linux")
      json.key("OsDisplayInfo")
      json.beginObject()
      json.member("OSName", "Linux")
      json.member("ProcessorType", "x86_64")
      json.endObject()
      json.endObject()
      json.member("cvdPort", 8400 as Int64)
      json.key("TimeZone")
      json.beginObject()
      json.member("TimeZoneName", "UTC")
      json.endObject()
      json.key("versionInfo")
      json.beginObject()
      json.endObject()
      json.endObject()
      json.key("clientProps")
      json.beginObject()
      json.key("activityControl")
      json.beginObject()
      json.member("EnableDataManagement", true)
      json.member("EnableDataRecovery", true)
      json.member("EnableOnlineContentIndex", false)
      json.endObject()
      json.key("clientActivityControl")
      json.beginObject()
      json.key("activityControlOptions")
      json.beginArray()
      json.endArray()
      json.endObject()
      json.member("EnableSnapBackups", true)
      json.endObject()
    }
  }

  /// `GET /Instance/{id}`
  func instance(_ id: Int64) -> Answer {
    Self.list("instanceProperties", inventory.instances(id: id).prefix(1)) { writeInstance($0, to: &$1) }
  }

  /// `GET /Backupset/{id}`
  func backupset(_ id: Int64) -> Answer {
    let found = inventory.backupsets.firstIndex { $0.id == id }
    return Self.list("backupsetProperties", found.map { [$0] } ?? []) { writeBackupset($0, to: &$1) }
  }

  /// `GET /Subclient/{id}`
  func subclient(_ id: Int64) -> Answer {
    Self.list("subClientProperties", inventory.subclients(id: id).prefix(1)) { writeSubclient($0, to: &$1) }
  }

  /// `GET /Agent?clientId=`: the agents that the client's instances belong to.
  func listAgents(_ query: Query) -> Answer {
    guard let id = query.id("clientId"), let client = inventory.client(id: id) else {
      return Self.list("agentProperties", [Application]()) { _, _ in }
    }
    var agents: [Application] = []
    for instance in inventory.instances(ofClient: client) {
      let agent = inventory.instances[instance].kind.application
      if !agents.contains(agent) { agents.append(agent) }
    }
    if let wanted = query.id("applicationId") { agents.removeAll { $0.number != wanted } }
    return Self.list("agentProperties", agents) { agent, json in
      json.key("idaEntity")
      json.beginObject()
      json.member("clientName", inventory.clients[client].name)
      json.member("clientId", id)
      json.member("appName", agent.name)
      json.member("applicationId", agent.number ?? 0)
      json.endObject()
    }
  }

  // MARK: one item of a list

  func writeEntity(ofClient index: Int, to json: inout JSONWriter) {
    let client = inventory.clients[index]
    json.beginObject()
    json.member("clientId", client.id)
    json.member("clientName", client.name)
    json.member("hostName", client.name)
    json.member("displayName", client.name)
    json.member("_type_", EntityType.client.number ?? 0)
    json.member("clientGUID", Self.guid(of: client))
    json.endObject()
  }

  /// A number that follows from the name, in the form of a GUID.
  private static func guid(of client: Inventory.Client) -> String {
    var dice = Dice(seed: 0, for: "guid", client.name.lowercased())
    let digits = (0..<2).map { _ in
      let text = String(dice.next(), radix: 16, uppercase: true)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var rest = digits[...]
    return [8, 4, 4, 4, 12].map { length in
      defer { rest = rest.dropFirst(length) }
      return String(rest.prefix(length))
    }.joined(separator: "-")
  }

  func writeInstance(_ index: Int, to json: inout JSONWriter) {
    let instance = inventory.instances[index]
    json.key("instance")
    Self.write(names(ofInstance: index), .instance, to: &json)
    json.key("instanceActivityControl")
    json.beginObject()
    json.endObject()
    if let type = instance.kind.cloudType?.number {
      json.key("cloudAppsInstance")
      json.beginObject()
      json.member("instanceType", type)
      json.endObject()
    }
    // What an agent has of its own; clients look whether it is there.
    let own: String? =
      switch instance.kind {
      case .mssql: "mssqlInstance"
      case .oracle: "oracleInstance"
      default: nil
      }
    if let own {
      json.key(own)
      json.beginObject()
      json.endObject()
    }
  }

  func writeBackupset(_ index: Int, to json: inout JSONWriter) {
    let set = inventory.backupsets[index]
    var names = names(ofInstance: set.instance)
    names.backupsetName = set.name
    names.backupsetId = set.id
    json.key("backupSetEntity")
    Self.write(names, .backupset, to: &json)
    json.key("commonBackupSet")
    json.beginObject()
    json.member("isDefaultBackupSet", set.name.isSame(Inventory.defaultBackupset))
    json.endObject()
    json.key("planEntity")
    json.beginObject()
    json.endObject()
  }

  func writeSubclient(_ index: Int, to json: inout JSONWriter) {
    json.key("subClientEntity")
    Self.write(inventory.association(of: index), .subclient, to: &json)
    json.key("commonProperties")
    json.beginObject()
    json.member("isDefaultSubclient", inventory.subclients[index].name.isSame("default"))
    json.endObject()
  }

  private func names(ofInstance index: Int) -> JobSummary.Subclient {
    let instance = inventory.instances[index]
    var names = JobSummary.Subclient()
    names.clientName = inventory.clients[instance.client].name
    names.clientId = inventory.clients[instance.client].id
    names.instanceName = instance.name
    names.instanceId = instance.id
    names.appName = instance.kind.application.name
    names.applicationId = instance.kind.application.number ?? 0
    return names
  }
}
