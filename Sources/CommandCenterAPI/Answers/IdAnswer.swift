/// The answer of `GET /GetId`: the ids of what was named. Nil where nothing of that name is known, or none was
/// asked for.
public struct IdAnswer: Hashable, Sendable {
  public var clientId: Int64?
  /// The agent's number.
  public var applicationId: Int64?
  public var instanceId: Int64?
  public var backupsetId: Int64?
  public var subclientId: Int64?

  public init() {}

  public func id(_ level: EntityLevel) -> Int64? {
    switch level {
    case .client: clientId
    case .instance: instanceId
    case .backupset: backupsetId
    case .subclient: subclientId
    }
  }

  /// Whether there is an id for every name that was asked.
  public func isComplete(for query: IdQuery) -> Bool {
    (query.clientName == nil || clientId != nil) && (query.instanceName == nil || instanceId != nil)
      && (query.backupsetName == nil || backupsetId != nil)
      && (query.subclientName == nil || subclientId != nil)
  }

  /// Decodes the answer. What is not found has the id -32000, and some servers say HTTP 404 then, with a body
  /// that is as good as any (the vendor's documentation).
  ///
  /// - Throws: what the server says went wrong, or `.unintelligible`.
  public static func decode(status: Int, body: [UInt8]) throws(ServerError) -> IdAnswer {
    var ids = IdAnswer()
    var isKnown = false
    for member in (try? JSONValue(parsing: body))?.members ?? [] {
      let id = member.value.int64.flatMap { $0 > 0 ? $0 : nil }
      switch member.name {
      case "clientId": ids.clientId = id
      case "applicationId": ids.applicationId = id
      case "instanceId": ids.instanceId = id
      case "backupsetId": ids.backupsetId = id
      case "subclientId": ids.subclientId = id
      default: continue
      }
      isKnown = true
    }
    if isKnown && ((200..<300).contains(status) || status == 404) { return ids }
    throw ServerError.decode(status: status, body: body) ?? .unintelligible(status, body)
  }
}
