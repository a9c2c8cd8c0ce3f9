import CommandCenterAPI

extension Inventory {
  /// The subclients that an association means: one, or all of the backupset or instance that it names. Empty
  /// where nothing matches, or where its names and ids do not belong together.
  func resolve(_ association: Association) -> [Int] {
    if let id = association.subclientId {
      let matches = subclients(id: id).filter { fits($0, association) }
      return matches.count == 1 ? matches : []
    }
    guard let instance = instance(of: association) else { return [] }
    var sets = backupsets(ofInstance: instance).filter { index in
      let set = backupsets[index]
      return association.backupsetId.map { $0 == set.id } ?? true
        && association.backupsetName.map { set.name.isSame($0) } ?? true
    }
    guard let name = association.subclientName else {
      return sets.flatMap { subclients(ofBackupset: $0) }
    }
    sets = sets.filter { subclient(named: name, ofBackupset: $0) != nil }
    // Of several backupsets that have the name, only the default one goes without saying.
    if sets.count > 1 { sets = sets.filter { backupsets[$0].name.isSame(Self.defaultBackupset) } }
    return sets.compactMap { subclient(named: name, ofBackupset: $0) }
  }

  /// What the instance holds that an association names; nil where there is none such.
  func kind(of association: Association) -> Kind? {
    let subclient = association.subclientId.flatMap { id in
      subclients(id: id).first { fits($0, association) }
    }
    return subclient.map { kind(of: $0) } ?? instance(of: association).map { instances[$0].kind }
  }

  /// Adds what an association names and nobody has yet; all of it is marked as invented.
  ///
  /// - Parameter kind: what an instance that has to be added holds.
  mutating func invent(_ association: Association, _ kind: Kind) -> Int {
    let client = client(of: association) ?? inventClient(association)
    let instance = instance(of: association, in: client) ?? inventInstance(association, kind, client)
    let setName = association.backupsetName ?? Self.defaultBackupset
    let set =
      backupset(named: setName, ofInstance: instance)
      ?? addBackupset(setName, instance: instance, id: association.backupsetId)
    let name =
      association.subclientName ?? association.subclientId.map { "subclient-\($0)" } ?? "default"
    // A name that is there, but with another id than the script says, is another one.
    let isTaken = subclient(named: name, ofBackupset: set) != nil
    let own = isTaken ? name + "-" + String(association.subclientId ?? 0) : name
    return addSubclient(own, backupset: set, id: association.subclientId, isInvented: true)
  }

  private mutating func inventClient(_ association: Association) -> Int {
    let name = association.clientName ?? association.clientId.map { "client-\($0)" } ?? "client"
    return addClient(name, id: association.clientId, isInvented: true)
  }

  private mutating func inventInstance(
    _ association: Association, _ kind: Kind, _ client: Int
  ) -> Int {
    let name = association.instanceName ?? association.instanceId.map { "instance-\($0)" } ?? "instance"
    return addInstance(name, kind, client: client, id: association.instanceId, isInvented: true)
  }

  private func client(of association: Association) -> Int? {
    if let name = association.clientName {
      guard let index = client(named: name) else { return nil }
      return association.clientId.map { $0 == clients[index].id } ?? true ? index : nil
    }
    return association.clientId.flatMap { client(id: $0) }
  }

  private func instance(of association: Association) -> Int? {
    guard association.clientName != nil || association.clientId != nil else {
      let matches = association.instanceId.map { instances(id: $0) } ?? []
      return matches.count == 1 ? matches[0] : nil
    }
    return client(of: association).flatMap { instance(of: association, in: $0) }
  }

  private func instance(of association: Association, in client: Int) -> Int? {
    if let name = association.instanceName {
      guard let index = instance(named: name, ofClient: client) else { return nil }
      return association.instanceId.map { $0 == instances[index].id } ?? true ? index : nil
    }
    return association.instanceId.flatMap { id in instances(id: id).first { instances[$0].client == client } }
  }

  /// Another subclient of the same backup set, or else any other; itself where there is none.
  func neighbour(of subclient: Int) -> Int {
    let near = subclients(ofBackupset: subclients[subclient].backupset)
    return near.first { $0 != subclient } ?? subclients.indices.first { $0 != subclient } ?? subclient
  }

  /// Whether whatever an association says besides its subclient's id is true of this subclient.
  private func fits(_ subclient: Int, _ association: Association) -> Bool {
    let own = self.association(of: subclient)
    return association.clientName.map { own.clientName.isSame($0) } ?? true
      && association.clientId.map { own.clientId == $0 } ?? true
      && association.instanceName.map { own.instanceName.isSame($0) } ?? true
      && association.instanceId.map { own.instanceId == $0 } ?? true
      && association.backupsetName.map { own.backupsetName.isSame($0) } ?? true
      && association.backupsetId.map { own.backupsetId == $0 } ?? true
      && association.subclientName.map { own.subclientName.isSame($0) } ?? true
  }
}

extension String {
  /// Whether two names mean the same thing to a Command Center.
  func isSame(_ other: String) -> Bool { self == other || lowercased() == other.lowercased() }
}
