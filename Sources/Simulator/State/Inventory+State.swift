import CommandCenterAPI

extension Inventory {
  /// How much there is of each kind.
  struct Size: Hashable {
    var clients = 0
    var instances = 0
    var backupsets = 0
    var subclients = 0
  }

  var size: Size {
    Size(
      clients: clients.count, instances: instances.count, backupsets: backupsets.count,
      subclients: subclients.count)
  }

  /// A number that another inventory will hardly have.
  var fingerprint: String {
    let all = records(since: Size()).map { String(decoding: $0.json ?? [], as: UTF8.self) }
    var dice = Dice(seed: 0, for: "inventory", all.joined(separator: "\n"))
    return String(dice.next(), radix: 16)
  }

  static let recordKinds = ["client", "instance", "backupset", "subclient"]

  /// What was added since it was of that size. Keys are indices.
  func records(since old: Size) -> [StateRecord] {
    func records<Item>(
      _ kind: String, _ items: [Item], _ first: Int, _ write: (Item, inout JSONWriter) -> Void
    ) -> [StateRecord] {
      (first..<items.count).map { index in StateRecord(kind, String(index)) { write(items[index], &$0) } }
    }
    return records("client", clients, old.clients) { client, json in
      json.member("id", client.id)
      json.member("name", client.name)
      json.member("invented", client.isInvented)
    }
      + records("instance", instances, old.instances) { instance, json in
        json.member("id", instance.id)
        json.member("name", instance.name)
        json.member("kind", instance.kind.rawValue)
        json.member("client", Int64(instance.client))
        json.member("invented", instance.isInvented)
      }
      + records("backupset", backupsets, old.backupsets) { set, json in
        json.member("id", set.id)
        json.member("name", set.name)
        json.member("instance", Int64(set.instance))
      }
      + records("subclient", subclients, old.subclients) { subclient, json in
        json.member("id", subclient.id)
        json.member("name", subclient.name)
        json.member("backupset", Int64(subclient.backupset))
        json.member("invented", subclient.isInvented)
      }
  }

  /// Adds what ``records(since:)`` told.
  mutating func restore(_ records: [String: [StateRecord]]) throws(StateError) {
    for record in records["client"] ?? [] {
      let saved = try SavedValue(record)
      let index = addClient(
        try saved.text("name"), id: try saved.integer("id"), isInvented: try saved.boolean("invented"))
      guard record.key == String(index) else { throw saved.damage }
    }
    for record in records["instance"] ?? [] {
      let saved = try SavedValue(record)
      guard let kind = Kind(rawValue: try saved.text("kind")) else { throw saved.damage }
      let index = addInstance(
        try saved.text("name"), kind, client: try saved.index("client", below: clients.count),
        id: try saved.integer("id"), isInvented: try saved.boolean("invented"))
      guard record.key == String(index) else { throw saved.damage }
    }
    for record in records["backupset"] ?? [] {
      let saved = try SavedValue(record)
      let index = addBackupset(
        try saved.text("name"), instance: try saved.index("instance", below: instances.count),
        id: try saved.integer("id"))
      guard record.key == String(index) else { throw saved.damage }
    }
    for record in records["subclient"] ?? [] {
      let saved = try SavedValue(record)
      let index = addSubclient(
        try saved.text("name"), backupset: try saved.index("backupset", below: backupsets.count),
        id: try saved.integer("id"), isInvented: try saved.boolean("invented"))
      guard record.key == String(index) else { throw saved.damage }
    }
  }
}
