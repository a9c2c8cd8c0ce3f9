/// What `GET /GetId` is asked: names, whose ids it tells all at once.
public struct IdQuery: Hashable, Sendable {
  public var clientName: String?
  /// The agent by its name, such as `Cloud Apps`.
  public var agent: String?
  public var instanceName: String?
  public var backupsetName: String?
  public var subclientName: String?

  public init() {}

  /// The path below the API's base, query included.
  public var path: String {
    var query = QueryText()
    // The spelling is the vendor's documentation's.
    if let clientName { query.add("clientname", clientName) }
    if let agent { query.add("agent", agent) }
    if let instanceName { query.add("instanceName", instanceName) }
    if let backupsetName { query.add("backupset", backupsetName) }
    if let subclientName { query.add("subclient", subclientName) }
    return "/GetId\(query)"
  }
}
