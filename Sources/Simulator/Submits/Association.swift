import CommandCenterAPI

/// What an association of a submit, or a question for ids, says of its target. Zero and empty mean unsaid.
struct Association {
  var clientName: String?
  var clientId: Int64?
  var instanceName: String?
  var instanceId: Int64?
  var backupsetName: String?
  var backupsetId: Int64?
  var subclientName: String?
  var subclientId: Int64?
  var application: Application?
  /// Whether `_type_` came as a name, as only the RDS page has it.
  var hasTypeName = false

  init() {}

  init(_ json: JSONValue) {
    func name(_ member: String) -> String? { json[member]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    func id(_ member: String) -> Int64? { json[member]?.int64.flatMap { $0 > 0 ? $0 : nil } }
    clientName = name("clientName")
    clientId = id("clientId")
    instanceName = name("instanceName")
    instanceId = id("instanceId")
    backupsetName = name("backupsetName")
    backupsetId = id("backupsetId")
    subclientName = name("subclientName")
    subclientId = id("subclientId")
    application =
      name("appName").flatMap(Application.init(named:)) ?? id("applicationId").flatMap(Application.init)
    hasTypeName = json["_type_"]?.string != nil && json["_type_"]?.int64 == nil
  }

  /// What kind of target this looks like, where no inventory tells: the pages differ in what they name.
  var likelyKind: Kind {
    let instance = instanceName?.lowercased() ?? ""
    switch application {
    case .oracle: return .oracle
    case .sqlServer: return .mssql
    case .cloudApps, nil: break
    }
    if instance.contains("dynamo") { return .dynamodb }
    if instance.contains("document") || instance.contains("docdb") { return .documentdb }
    if hasTypeName { return .rds }
    if application == .cloudApps && subclientId != nil { return .dynamodb }
    return backupsetName != nil && subclientName != nil ? .documentdb : .other
  }

  /// The client as an error text names it.
  var clientText: String { clientName ?? clientId.map(String.init) ?? "" }
}
