/// What one association of a payload names: the thing that is backed up.
public struct Target: Hashable, Sendable {
  public var clientName: String?
  public var clientId: Int64?
  public var instanceName: String?
  public var instanceId: Int64?
  public var backupsetName: String?
  public var backupsetId: Int64?
  public var subclientName: String?
  public var subclientId: Int64?
  public var appName: String?
  public var applicationId: Int64?

  /// What a person calls it, which is also what tells two targets of a workload apart:
  /// `aws-prod/DynamoDB/1042`. Each piece is the name where there is one, else the id; the subclient's is the
  /// id where the workload requires that. Fields that only a declared workload has come last. A backup set is named where it is not the workload's usual one.
  public var text: String

  /// One that says nothing yet but what people call it.
  public init(text: String) { self.text = text }

  /// - Parameter workload: says which pieces are required, and what is usual.
  init(_ values: (String) -> JSONValue?, _ workload: Workload) {
    func name(_ field: String) -> String? { values(field)?.string }
    func id(_ field: String) -> Int64? {
      if case .integer(let id) = values(field) { id } else { nil }
    }
    func isRequired(_ field: String) -> Bool {
      workload.fieldIndex(field).map { workload.fields[$0].isRequired } ?? false
    }
    clientName = name("clientName")
    clientId = id("clientId")
    instanceName = name("instanceName")
    instanceId = id("instanceId")
    backupsetName = name("backupsetName")
    backupsetId = id("backupsetId")
    subclientName = name("subclientName")
    subclientId = id("subclientId")
    appName = name("appName")
    applicationId = id("applicationId")

    var pieces = [clientName ?? clientId.map { String($0) }, instanceName ?? instanceId.map { String($0) }]
    let usual = workload.fieldIndex("backupsetName").flatMap { workload.fields[$0].defaultValue?.string }
    if let backupsetName, backupsetName != usual ?? Workload.usualBackupset {
      pieces.append(backupsetName)
    } else if backupsetName == nil, let backupsetId {
      pieces.append(String(backupsetId))
    }
    let subclient = subclientId.map { String($0) }
    pieces.append(isRequired("subclientId") ? subclient ?? subclientName : subclientName ?? subclient)
    // What a declared workload calls its targets by.
    for (index, field) in workload.fields.enumerated()
    where workload.isInAssociations(container: workload.containerOfField[index])
      && !Self.usualFields.contains(field.name)
    {
      pieces.append(name(field.name) ?? id(field.name).map { String($0) })
    }
    text = pieces.compactMap { $0 }.joined(separator: "/")
  }

  /// Names that the built-in pages have.
  private static let usualFields = Set(Workload.builtIn.flatMap { $0.fields.map(\.name) })
}
