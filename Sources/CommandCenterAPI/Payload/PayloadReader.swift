/// Reads payloads the way a server does: finds out what is to be backed up, and checks it by the same schema
/// that made it, this time with the types exactly as on the wire.
public struct PayloadReader: Sendable {
  /// The payload of a body, or why it is none.
  public enum Refusal: Error, Hashable, Sendable {
    /// The body is no JSON object with associations in it.
    case notAPayload
    /// No workload fits.
    case unknownWorkload
    /// A workload fits, and says what is wrong.
    case mistakes(PayloadError)
  }

  public let workloads: [Workload]

  /// - Parameter workloads: what the server can back up.
  public init(_ workloads: [Workload] = Workload.builtIn) {
    self.workloads = workloads
  }

  /// - Parameters:
  ///   - body: of `POST /createtask`.
  ///   - knownWorkload: tells from the names and ids of the first association which workload the server knows
  ///     it to be; where it returns nil, the shape decides.
  public func read(
    _ body: [UInt8], knownWorkload: ((JSONValue) -> String?)? = nil
  ) throws(Refusal) -> PayloadFacts {
    guard let json = try? JSONValue(parsing: body), let first = json["taskInfo"]?["associations"]?[0],
      first.members != nil
    else { throw .notAPayload }
    let known = knownWorkload?(first).flatMap { name in workloads.first { $0.name == name } }
    guard let workload = known ?? self.workload(of: first) else { throw .unknownWorkload }
    let values = WireValues(workload, json)
    let mistakes = values.mistakes()
    guard mistakes.isEmpty else {
      throw .mistakes(PayloadError(workload: workload.name, mistakes: mistakes))
    }
    return values.facts()
  }

  /// Tells the workload by what an association looks like.
  ///
  /// The pages of DynamoDB and DocumentDB can make the same association; then a DynamoDB one is known by its
  /// GUIDs or, having an id and no usual backup set, by its application number.
  public func workload(of association: JSONValue) -> Workload? {
    let appName = association["appName"]?.string
    let applicationId = association["applicationId"]?.int64
    func known(_ name: String) -> Workload? { workloads.first { $0.name == name } }
    func isApp(_ app: Application) -> Bool {
      appName.map { $0 == app.name } ?? (applicationId == app.number)
    }
    if let declared = workloads.first(where: { !isBuiltIn($0) && isTold($0, association) }) {
      return declared
    }
    if isApp(.sqlServer) { return known("mssql") }
    if isApp(.oracle) { return known("oracle") }
    if case .string = association["_type_"] { return known("rds") }
    if let appName, !appName.isEmpty, Application(named: appName) != .cloudApps { return nil }
    if let applicationId, applicationId != 0, applicationId != Application.cloudApps.number { return nil }
    if association["csGUID"] != nil || association["subclientGUID"] != nil { return known("dynamodb") }
    let isUsualSet = association["backupsetName"]?.string == Workload.usualBackupset
    if isUsualSet && association["subclientName"] != nil { return known("documentdb") }
    if applicationId == Application.cloudApps.number, association["subclientId"] != nil {
      return known("dynamodb")
    }
    return known("documentdb")
  }

  private func isBuiltIn(_ workload: Workload) -> Bool {
    Workload.builtIn.contains { $0.name == workload.name }
  }

  /// Whether an association has the application that a declared workload always sends.
  private func isTold(_ workload: Workload, _ association: JSONValue) -> Bool {
    let marks = ["appName", "applicationId"].compactMap { name -> (String, JSONValue)? in
      guard let index = workload.fieldIndex(name), let value = workload.fields[index].defaultValue else {
        return nil
      }
      return (name, value)
    }
    return !marks.isEmpty && marks.allSatisfy { association[$0.0] == $0.1 }
  }
}
