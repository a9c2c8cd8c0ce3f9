import CommandCenterAPI

/// What a Command Center looks after: clients, their instances, backupsets and subclients.
///
/// Names are compared without regard to case, as a Command Center does. A name is unique within what it
/// belongs to; ids of one kind are unique but for those that a script invents.
public struct Inventory: Sendable {
  struct Client: Sendable {
    var id: Int64
    var name: String
    var isInvented = false
  }

  struct Instance: Sendable {
    var id: Int64
    var name: String
    var kind: Kind
    /// Index of its client.
    var client: Int
    var isInvented = false
  }

  struct Backupset: Sendable {
    var id: Int64
    var name: String
    /// Index of its instance.
    var instance: Int
  }

  struct Subclient: Sendable {
    var id: Int64
    var name: String
    /// Index of its backupset.
    var backupset: Int
    var isInvented = false
  }

  private(set) var clients: [Client] = []
  private(set) var instances: [Instance] = []
  private(set) var backupsets: [Backupset] = []
  private(set) var subclients: [Subclient] = []

  /// A name within what it belongs to.
  private struct Place: Hashable {
    let parent: Int
    let name: String
  }

  private var clientsByName: [String: Int] = [:]
  private var instancesByName: [Place: Int] = [:]
  private var backupsetsByName: [Place: Int] = [:]
  private var subclientsByName: [Place: Int] = [:]
  private var subclientsById: [Int64: [Int]] = [:]
  private var instancesOfClient: [Int: [Int]] = [:]
  private var backupsetsOfInstance: [Int: [Int]] = [:]
  private var subclientsOfBackupset: [Int: [Int]] = [:]
  private var clientsById: [Int64: Int] = [:]
  private var instancesById: [Int64: [Int]] = [:]

  /// The backupset that an instance has where nobody named one.
  static let defaultBackupset = "defaultBackupSet"

  /// An inventory of nothing.
  public init() {}

  // MARK: Adding

  mutating func addClient(_ name: String, id: Int64? = nil, isInvented: Bool = false) -> Int {
    let index = clients.count
    let id = id ?? freeId(for: "client", name) { clientsById[$0] != nil }
    clients.append(Client(id: id, name: name, isInvented: isInvented))
    clientsByName[name.lowercased()] = index
    clientsById[id] = clientsById[id] ?? index
    return index
  }

  mutating func addInstance(
    _ name: String, _ kind: Kind, client: Int, id: Int64? = nil, isInvented: Bool = false
  ) -> Int {
    let index = instances.count
    let id = id ?? freeId(for: "instance", clients[client].name, name) { instancesById[$0] != nil }
    instances.append(Instance(id: id, name: name, kind: kind, client: client, isInvented: isInvented))
    instancesByName[Place(parent: client, name: name.lowercased())] = index
    instancesById[id, default: []].append(index)
    instancesOfClient[client, default: []].append(index)
    return index
  }

  mutating func addBackupset(_ name: String, instance: Int, id: Int64? = nil) -> Int {
    let index = backupsets.count
    let path = [clients[instances[instance].client].name, instances[instance].name, name]
    let id = id ?? freeId(for: "backupset", path.joined(separator: "\n")) { _ in false }
    backupsets.append(Backupset(id: id, name: name, instance: instance))
    backupsetsByName[Place(parent: instance, name: name.lowercased())] = index
    backupsetsOfInstance[instance, default: []].append(index)
    return index
  }

  mutating func addSubclient(
    _ name: String, backupset: Int, id: Int64? = nil, isInvented: Bool = false
  ) -> Int {
    let index = subclients.count
    let instance = instances[backupsets[backupset].instance]
    let path = [clients[instance.client].name, instance.name, backupsets[backupset].name, name]
    let id = id ?? freeId(for: "subclient", path.joined(separator: "\n")) { subclientsById[$0] != nil }
    subclients.append(Subclient(id: id, name: name, backupset: backupset, isInvented: isInvented))
    subclientsByName[Place(parent: backupset, name: name.lowercased())] = index
    subclientsById[id, default: []].append(index)
    subclientsOfBackupset[backupset, default: []].append(index)
    return index
  }

  /// An id that follows from the name, so that it is the same whatever is added first.
  private func freeId(for kind: String, _ name: String..., isTaken: (Int64) -> Bool) -> Int64 {
    var dice = Dice(seed: 0, for: kind, name.joined(separator: "\n").lowercased())
    while true {
      let id = Int64(dice.integer(in: 10_000...899_999))
      if !isTaken(id) { return id }
    }
  }

  // MARK: Finding

  func client(named name: String) -> Int? { clientsByName[name.lowercased()] }
  func client(id: Int64) -> Int? { clientsById[id] }

  func instance(named name: String, ofClient client: Int) -> Int? {
    instancesByName[Place(parent: client, name: name.lowercased())]
  }

  func instances(id: Int64) -> [Int] { instancesById[id] ?? [] }
  func instances(ofClient client: Int) -> [Int] { instancesOfClient[client] ?? [] }

  func backupset(named name: String, ofInstance instance: Int) -> Int? {
    backupsetsByName[Place(parent: instance, name: name.lowercased())]
  }

  func backupsets(ofInstance instance: Int) -> [Int] { backupsetsOfInstance[instance] ?? [] }

  func subclient(named name: String, ofBackupset backupset: Int) -> Int? {
    subclientsByName[Place(parent: backupset, name: name.lowercased())]
  }

  func subclients(id: Int64) -> [Int] { subclientsById[id] ?? [] }
  func subclients(ofBackupset backupset: Int) -> [Int] { subclientsOfBackupset[backupset] ?? [] }

  // MARK: Telling

  func instance(of subclient: Int) -> Int { backupsets[subclients[subclient].backupset].instance }

  func kind(of subclient: Int) -> Kind { instances[instance(of: subclient)].kind }

  /// The ids and names of a subclient and all that it belongs to: what createtask takes as an association.
  func association(of index: Int) -> JobSummary.Subclient {
    let subclient = subclients[index]
    let backupset = backupsets[subclient.backupset]
    let instance = instances[backupset.instance]
    let client = clients[instance.client]
    var association = JobSummary.Subclient()
    association.clientName = client.name
    association.clientId = client.id
    association.instanceName = instance.name
    association.instanceId = instance.id
    association.backupsetName = backupset.name
    association.backupsetId = backupset.id
    association.subclientName = subclient.name
    association.subclientId = subclient.id
    association.appName = instance.kind.application.name
    association.applicationId = instance.kind.application.number ?? 0
    return association
  }

  /// The subclient by its names: client/instance/subclient, with the backupset where that is not the default.
  func path(of index: Int) -> String {
    let subclient = subclients[index]
    let backupset = backupsets[subclient.backupset]
    let instance = instances[backupset.instance]
    var parts = [clients[instance.client].name, instance.name]
    if backupset.name.lowercased() != Self.defaultBackupset.lowercased() { parts.append(backupset.name) }
    parts.append(subclient.name)
    return parts.joined(separator: "/")
  }
}
