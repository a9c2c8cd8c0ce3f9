import CommandCenterAPI

/// What is wrong with an inventory file.
public struct InventoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence that names the place, such as `clients[0].instances[2].workload`.
  public let description: String
}

extension Inventory {
  /// Reads an inventory:
  ///
  /// ```json
  /// { "clients": [
  ///   { "clientName": "aws-prod", "clientId": 17, "instances": [
  ///     { "instanceName": "DynamoDB", "workload": "dynamodb", "subclients": [
  ///       { "subclientName": "customers", "subclientId": 1042 }, "carts" ] },
  ///     { "instanceName": "ERP", "workload": "oracle", "backupsets": [
  ///       { "backupsetName": "nightly", "subclients": ["default"] } ] } ] } ] }
  /// ```
  ///
  /// Ids may be left out; then they follow from the names. An object with a name only may be that name.
  /// Subclients that stand in an instance belong to its `defaultBackupSet`.
  ///
  /// - Throws: ``InventoryError`` for the first mistake.
  public init(parsing bytes: [UInt8]) throws(InventoryError) {
    self.init()
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw InventoryError(description: "The inventory is no JSON: \(error).")
    }
    let file = Item(json, "the inventory")
    try file.expect(["clients"])
    for client in try file.list("clients") { try addClient(client) }
  }

  private mutating func addClient(_ item: Item) throws(InventoryError) {
    try item.expect(["clientName", "clientId", "instances"])
    let name = try item.name("clientName")
    guard client(named: name) == nil else { throw item.twice(name) }
    let id = try item.id("clientId")
    if let id, client(id: id) != nil { throw item.twice(String(id)) }
    let client = addClient(name, id: id)
    for instance in try item.list("instances") { try addInstance(instance, to: client) }
  }

  private mutating func addInstance(_ item: Item, to client: Int) throws(InventoryError) {
    try item.expect(["instanceName", "instanceId", "workload", "backupsets", "subclients"])
    let name = try item.name("instanceName")
    guard self.instance(named: name, ofClient: client) == nil else { throw item.twice(name) }
    let id = try item.id("instanceId")
    if let id, !instances(id: id).isEmpty { throw item.twice(String(id)) }
    let instance = addInstance(name, try item.kind(), client: client, id: id)
    let subclients = try item.list("subclients")
    if !subclients.isEmpty {
      let backupset = addBackupset(Self.defaultBackupset, instance: instance)
      for subclient in subclients { try addSubclient(subclient, to: backupset) }
    }
    for backupset in try item.list("backupsets") { try addBackupset(backupset, to: instance) }
  }

  private mutating func addBackupset(_ item: Item, to instance: Int) throws(InventoryError) {
    try item.expect(["backupsetName", "backupsetId", "subclients"])
    let name = try item.name("backupsetName")
    guard self.backupset(named: name, ofInstance: instance) == nil else { throw item.twice(name) }
    let backupset = addBackupset(name, instance: instance, id: try item.id("backupsetId"))
    for subclient in try item.list("subclients") { try addSubclient(subclient, to: backupset) }
  }

  private mutating func addSubclient(_ item: Item, to backupset: Int) throws(InventoryError) {
    try item.expect(["subclientName", "subclientId"])
    let name = try item.name("subclientName")
    guard subclient(named: name, ofBackupset: backupset) == nil else { throw item.twice(name) }
    let id = try item.id("subclientId")
    if let id, !subclients(id: id).isEmpty { throw item.twice(String(id)) }
    _ = addSubclient(name, backupset: backupset, id: id)
  }
}

/// A value of the file, and where it stands.
private struct Item {
  let json: JSONValue
  let place: String

  init(_ json: JSONValue, _ place: String) {
    self.json = json
    self.place = place
  }

  func mistake(_ text: String) -> InventoryError {
    InventoryError(description: "The inventory has a mistake at \(place): \(text).")
  }

  func twice(_ what: String) -> InventoryError {
    mistake("\"\(what)\" is there already")
  }

  /// Requires an object of these members at most; a bare name will do as well.
  func expect(_ names: [String]) throws(InventoryError) {
    if json.string != nil { return }
    guard let members = json.members else { throw mistake("an object is expected here") }
    for member in members where !names.contains(member.name) {
      throw mistake("there is no member \"\(member.name)\", only \(names.joined(separator: ", "))")
    }
  }

  func name(_ member: String) throws(InventoryError) -> String {
    guard let name = json.string ?? json[member]?.string, !name.isEmpty else {
      throw mistake("\(member) is missing, or no text")
    }
    return name
  }

  func id(_ member: String) throws(InventoryError) -> Int64? {
    guard let value = json[member] else { return nil }
    guard case .integer(let id) = value, id > 0 else { throw mistake("\(member) is no positive integer") }
    return id
  }

  func kind() throws(InventoryError) -> Kind {
    let names = Kind.allCases.map(\.rawValue)
    guard let kind = json["workload"]?.string.flatMap(Kind.init) else {
      throw mistake("workload is missing, or none of \(names.joined(separator: ", "))")
    }
    return kind
  }

  func list(_ member: String) throws(InventoryError) -> [Item] {
    guard let value = json[member] else { return [] }
    guard let items = value.array else { throw mistake("\(member) is no array") }
    let prefix = place == "the inventory" ? "" : place + "."
    return items.enumerated().map { Item($0.element, "\(prefix)\(member)[\($0.offset)]") }
  }
}
