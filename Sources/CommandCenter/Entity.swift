public import CommandCenterAPI

/// A client, an instance, a backupset or a subclient, with what it belongs to. What an answer leaves out is
/// empty or 0. A subclient's is exactly the association that createtask takes.
public struct Entity: Hashable, Sendable {
  public var clientName = ""
  public var clientId: Int64 = 0
  public var displayName = ""
  public var hostName = ""
  public var appName = ""
  public var applicationId: Int64 = 0
  public var instanceName = ""
  public var instanceId: Int64 = 0
  public var backupsetName = ""
  public var backupsetId: Int64 = 0
  public var subclientName = ""
  public var subclientId: Int64 = 0

  public init() {}

  init(from reader: inout JSONReader) throws(JSONError) {
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "clientName": clientName = try reader.text() ?? ""
      case "clientId": clientId = try reader.int64() ?? 0
      case "displayName": displayName = try reader.text() ?? ""
      case "hostName": hostName = try reader.text() ?? ""
      case "appName": appName = try reader.text() ?? ""
      case "applicationId": applicationId = try reader.int64() ?? 0
      case "instanceName": instanceName = try reader.text() ?? ""
      case "instanceId": instanceId = try reader.int64() ?? 0
      case "backupsetName": backupsetName = try reader.text() ?? ""
      case "backupsetId": backupsetId = try reader.int64() ?? 0
      case "subclientName": subclientName = try reader.text() ?? ""
      case "subclientId": subclientId = try reader.int64() ?? 0
      default: try reader.skipValue()
      }
    }
  }
}

extension Entity: EntityNaming {
  public func name(_ level: EntityLevel) -> String? {
    let name =
      switch level {
      case .client: clientName
      case .instance: instanceName
      case .backupset: backupsetName
      case .subclient: subclientName
      }
    return name.isEmpty ? nil : name
  }

  public func id(_ level: EntityLevel) -> Int64? {
    let id =
      switch level {
      case .client: clientId
      case .instance: instanceId
      case .backupset: backupsetId
      case .subclient: subclientId
      }
    return id > 0 ? id : nil
  }
}

/// Where the entities stand in the answer to a lookup.
enum EntityList {
  case clients, instances, backupsets, subclients

  /// The names of the members that lead to an entity: first to the list, then within each element of it.
  private var way: [JSONKey] {
    switch self {
    case .clients: ["clientProperties", "client", "clientEntity"]
    case .instances: ["instanceProperties", "instance"]
    case .backupsets: ["backupsetProperties", "backupSetEntity"]
    case .subclients: ["subClientProperties", "subClientEntity"]
    }
  }

  /// The path that asks for it, below the API's base.
  func path(ofClient id: Int64? = nil) -> String {
    let name =
      switch self {
      case .clients: "/Client"
      case .instances: "/Instance"
      case .backupsets: "/Backupset"
      case .subclients: "/Subclient"
      }
    return id.map { "\(name)?clientId=\($0)" } ?? name
  }

  func decode(_ answer: RawAnswer) throws(ServerError) -> [Entity] {
    if let error = ServerError.decode(status: answer.status, body: answer.body) { throw error }
    var entities: [Entity] = []
    let way = way
    do {
      try JSONReader.read(answer.body) { (reader) throws(JSONError) in
        try reader.members { (reader, key) throws(JSONError) in
          guard key == way[0] else { return try reader.skipValue() }
          try reader.elements { (reader) throws(JSONError) in
            try Self.descend(way[1...], &reader, &entities)
          }
        }
      }
    } catch {
      throw ServerError(
        httpStatus: answer.status, code: nil, message: "The list is not understood: \(error)",
        kind: .unintelligible)
    }
    return entities
  }

  private static func descend(
    _ path: ArraySlice<JSONKey>, _ reader: inout JSONReader, _ entities: inout [Entity]
  ) throws(JSONError) {
    guard let name = path.first else { return entities.append(try Entity(from: &reader)) }
    try reader.members { (reader, key) throws(JSONError) in
      guard key == name else { return try reader.skipValue() }
      try descend(path.dropFirst(), &reader, &entities)
    }
  }
}
