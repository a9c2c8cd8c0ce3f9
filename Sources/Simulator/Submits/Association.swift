import CommandCenterAPI

/// What an association of a submit says of its target. Zero and empty mean unsaid.
struct Association {
  var clientName: String?
  var clientId: Int64?
  var instanceName: String?
  var instanceId: Int64?
  var backupsetName: String?
  var backupsetId: Int64?
  var subclientName: String?
  var subclientId: Int64?
  /// What a person calls it.
  var text = ""

  init(_ target: Target) {
    clientName = target.clientName.said
    clientId = target.clientId.said
    instanceName = target.instanceName.said
    instanceId = target.instanceId.said
    backupsetName = target.backupsetName.said
    backupsetId = target.backupsetId.said
    subclientName = target.subclientName.said
    subclientId = target.subclientId.said
    text = target.text
  }

  /// All the names and ids of a subclient.
  init(_ names: JobSummary.Subclient) {
    (clientName, clientId) = (names.clientName, names.clientId)
    (instanceName, instanceId) = (names.instanceName, names.instanceId)
    (backupsetName, backupsetId) = (names.backupsetName, names.backupsetId)
    (subclientName, subclientId) = (names.subclientName, names.subclientId)
    text = [names.clientName, names.instanceName, names.subclientName].joined(separator: "/")
  }

  init(_ json: JSONValue) {
    clientName = (json["clientName"]?.string).said
    clientId = (json["clientId"]?.int64).said
    instanceName = (json["instanceName"]?.string).said
    instanceId = (json["instanceId"]?.int64).said
    backupsetName = (json["backupsetName"]?.string).said
    backupsetId = (json["backupsetId"]?.int64).said
    subclientName = (json["subclientName"]?.string).said
    subclientId = (json["subclientId"]?.int64).said
    let pieces = [
      clientName ?? clientId.map(String.init), instanceName ?? instanceId.map(String.init),
      subclientName ?? subclientId.map(String.init),
    ]
    text = pieces.compactMap(\.self).joined(separator: "/")
  }
}

extension String? {
  fileprivate var said: String? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension Int64? {
  fileprivate var said: Int64? { flatMap { $0 > 0 ? $0 : nil } }
}
