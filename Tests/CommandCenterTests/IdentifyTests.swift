import CommandCenter
import CommandCenterAPI
import Simulator
import Testing

@Suite("Names where a page wants ids")
struct IdentifyTests {
  private static let inventory = """
    { "clients": [
      { "clientName": "aws-prod", "clientId": 17, "instances": [
        { "instanceName": "DynamoDB", "workload": "dynamodb", "backupsets": [
          { "backupsetName": "defaultBackupSet", "subclients": [
            { "subclientName": "customers", "subclientId": 1042 }, { "subclientName": "carts", "subclientId": 1043 } ] },
          { "backupsetName": "nightly", "subclients": [ { "subclientName": "customers", "subclientId": 2042 } ] } ] } ] },
      { "clientName": "sql-01", "clientId": 23, "instances": [
        { "instanceName": "A", "instanceId": 231, "workload": "mssql",
          "subclients": [ { "subclientName": "default", "subclientId": 1401 } ] },
        { "instanceName": "B", "instanceId": 232, "workload": "mssql",
          "subclients": [ { "subclientName": "default", "subclientId": 1402 } ] } ] } ] }
    """

  private func stage() throws -> Stage {
    try Stage(inventory: try Inventory(parsing: Array(Self.inventory.utf8)))
  }

  private func target(
    _ client: String?, _ instance: String?, _ subclient: String?, backupset: String? = nil,
    agent: Application = .cloudApps
  ) -> Target {
    var target = Target(text: "it")
    (target.clientName, target.instanceName, target.backupsetName) = (client, instance, backupset)
    (target.subclientName, target.appName) = (subclient, agent.name)
    return target
  }

  @Test("are found by two requests a client, whatever the number of targets")
  func requests() async throws {
    let stage = try stage()
    let targets = [
      target("AWS-Prod", "dynamodb", "carts"),
      target("aws-prod", "DynamoDB", "customers", backupset: "nightly"),
    ]
    try await stage.run { (stage) async throws -> Void in
      await stage.all(1...20) { number in
        let found = try? await stage.center.identify(targets[number % 2], [.subclient], of: .dynamodb)
        #expect(found?.subclientId == (number % 2 == 0 ? 1043 : 2042))
      }
    }
    #expect(stage.simulator.view.count("GET", "/Client") == 1)
    #expect(stage.simulator.view.count("GET", "/Subclient") == 1)
    #expect(stage.simulator.view.count("GET", "/GetId") == 0)
  }

  @Test("are mistakes where they are unknown, or mean several things")
  func mistakes() async throws {
    let cases: [(Target, Workload, String, String)] = [
      (
        target("aws-prod", "DynamoDB", "custmers"), .dynamodb, "subclientName",
        "subclientName \"custmers\" is not in aws-prod/DynamoDB; did you mean customers?"
      ),
      (
        target("aws-prod", "DynamoDB", "zzz"), .dynamodb, "subclientName",
        "subclientName \"zzz\" is not in aws-prod/DynamoDB; there are carts, customers"
      ),
      (
        target("aws-prd", "DynamoDB", "carts"), .dynamodb, "clientName",
        "clientName \"aws-prd\" is no client of the Command Center; did you mean aws-prod?"
      ),
      (
        target("sql-01", "A", "default"), .dynamodb, "clientName",
        "clientName \"sql-01\" has no subclients of the agent Cloud Apps"
      ),
      (
        target("aws-prod", "DynamoDB", "customers"), .dynamodb, "subclientName",
        "subclientName \"customers\" is not unique: it may be backup set defaultBackupSet (subclientId 1042); "
          + "backup set nightly (subclientId 2042); give backupsetName or subclientId"
      ),
      (
        target("sql-01", nil, "default", agent: .sqlServer), .mssql, "subclientName",
        "subclientName \"default\" is not unique: it may be instance A (subclientId 1401); "
          + "instance B (subclientId 1402); give instanceName or subclientId"
      ),
      (
        target(nil, "A", "default"), .dynamodb, "clientName",
        "subclientName is looked up among what a client has, so give clientName too, or subclientId"
      ),
    ]
    let stage = try stage()
    try await stage.run { (stage) async throws -> Void in
      for (target, workload, field, message) in cases {
        do throws(LookupFailure) {
          let found = try await stage.center.identify(target, [.subclient], of: workload)
          Issue.record("\(target.text) is taken for \(found)")
        } catch {
          guard case .mistake(let mistake) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(mistake.field == field)
          #expect(mistake.message == message)
        }
      }
    }
  }

  @Test("are asked for by GetId where the lists are older than they")
  func staleLists() async throws {
    // This inventory grows by what GetId is asked for.
    let stage = try Stage()
    let target = target("aws-prod", "DynamoDB", "brand-new")
    try await stage.run { (stage) async throws -> Void in
      let found = try await stage.center.identify(target, [.subclient], of: .dynamodb)
      #expect(try #require(found.subclientId) > 0)
    }
    #expect(stage.simulator.view.count("GET", "/GetId") == 1)
  }

  @Test("say why where the Command Center cannot be asked")
  func unreachable() async throws {
    let stage = try stage()
    let target = target("aws-prod", "DynamoDB", "carts")
    try await stage.run { (stage) async throws -> Void in
      stage.wire.disturb { _ in .refused }
      do throws(LookupFailure) {
        _ = try await stage.center.identify(target, [.subclient], of: .dynamodb)
        Issue.record("it was found")
      } catch {
        guard case .failed(let why) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(why.kind == .unreachable)
      }
    }
  }
}
