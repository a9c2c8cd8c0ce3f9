import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("The simulator's inventory")
struct InventoryTests {
  private func parse(_ text: String) throws -> Inventory { try Inventory(parsing: Array(text.utf8)) }

  @Test("A file says what there is to back up")
  func file() throws {
    let inventory = try parse(
      """
      {"clients":[{"clientName":"acme","clientId":5,"instances":[
        {"instanceName":"DynamoDB","workload":"dynamodb","subclients":[
          {"subclientName":"carts","subclientId":9},"prices"]},
        {"instanceName":"ERP","workload":"oracle","backupsets":[
          {"backupsetName":"nightly","subclients":["default"]}]}]}]}
      """)
    let caller = try Caller(inventory: inventory)
    #expect(try caller.submit(Payload.dynamodb(9, client: "ACME")).jobIds.count == 1)
    #expect(throws: ServerError.self) { try caller.submit(Payload.dynamodb(9)) }
    let clients = try JSONValue(parsing: caller.send(.get, "/Client").body)
    #expect(clients["clientProperties"]?[0]?["client"]?["clientEntity"]?["clientId"]?.int64 == 5)
    let subclients = try JSONValue(parsing: caller.send(.get, "/Subclient?clientId=5").body)
    let names = subclients["subClientProperties"]?.array?.map {
      $0["subClientEntity"]?["subclientName"]?.string
    }
    #expect(names == ["carts", "prices", "default"])
  }

  @Test(
    "A mistake in the file names its place",
    arguments: [
      ("{", "no JSON"), ("[]", "the inventory"), (#"{"client":[]}"#, "clients"),
      (#"{"clients":[{"clientId":5}]}"#, "clients[0]"),
      (#"{"clients":["a",{"clientName":"A"}]}"#, "clients[1]"),
      (#"{"clients":[{"clientName":"a","instances":[{"instanceName":"x"}]}]}"#, "clients[0].instances[0]"),
      (#"{"clients":[{"clientName":"a","instances":[{"instanceName":"x","workload":"rdss"}]}]}"#, "rds"),
      (#"{"clients":[{"clientName":"a","clientId":"5"}]}"#, "clientId"),
    ])
  func mistakes(text: String, hint: String) {
    let error = #expect(throws: InventoryError.self) { try parse(text) }
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  @Test("GetId tells every id at once, and -32000 for what is not there")
  func getId() throws {
    let caller = try Caller()
    let found = caller.send(.get, "/GetId?clientname=aws-prod&instanceName=eu-west-1&subclient=orders")
    #expect(found.status == 200)
    #expect(try JSONValue(parsing: found.body)["subclientId"]?.int64 == 1201)
    let missing = caller.send(.get, "/GetId?clientname=aws-prod&instanceName=nowhere")
    #expect(missing.status == 404)
    let ids = try JSONValue(parsing: missing.body)
    #expect(ids["clientId"]?.int64 == 17)
    #expect(ids["instanceId"]?.int64 == -32_000)
  }

  @Test("GetId finds an instance by its agent where that has one, and no instance of another agent")
  func getIdByAgent() throws {
    let caller = try Caller()
    let one = caller.send(.get, "/GetId?clientname=AWS-PROD&agent=oracle&subclient=default")
    #expect(one.status == 200)
    let ids = try JSONValue(parsing: one.body)
    #expect(ids["applicationId"]?.int64 == 22)
    #expect(ids["instanceId"]?.int64 == 214)
    #expect(ids["subclientId"]?.int64 == 1301)
    // Which of the instances nobody says.
    #expect(caller.send(.get, "/GetId?clientname=aws-prod&agent=Cloud%20Apps&subclient=orders").status == 404)
    #expect(caller.send(.get, "/GetId?clientname=aws-prod&agent=Oracle&instanceName=eu-west-1").status == 404)
    #expect(caller.send(.get, "/GetId?clientname=aws-prod&agent=Abacus").status == 404)
    let client = caller.send(.get, "/GetId?clientname=aws-prod")
    #expect(client.status == 200)
    #expect(try JSONValue(parsing: client.body)["instanceId"]?.int64 == -32_000)
  }

  @Test("A client is listed with its GUID, and what it has by its name as well as by its id")
  func clients() throws {
    let caller = try Caller()
    let clients = try JSONValue(parsing: caller.send(.get, "/Client").body)["clientProperties"]?.array ?? []
    let guids = clients.compactMap { $0["client"]?["clientEntity"]?["clientGUID"]?.string }
    #expect(guids.map(\.count) == [36, 36])
    #expect(Set(guids).count == 2)
    #expect(
      caller.send(.get, "/Subclient?clientName=aws-prod").body
        == caller.send(.get, "/Subclient?clientId=17").body)
  }

  @Test("Instances and backupsets are listed with what they belong to")
  func lookups() throws {
    let caller = try Caller()
    let instances = try JSONValue(parsing: caller.send(.get, "/Instance?clientId=17").body)
    let dynamo = instances["instanceProperties"]?[0]
    #expect(dynamo?["instance"]?["instanceName"]?.string == "DynamoDB")
    #expect(dynamo?["cloudAppsInstance"]?["instanceType"]?.int64 == 22)
    let sets = try JSONValue(parsing: caller.send(.get, "/Backupset?clientId=23").body)
    let entity = sets["backupsetProperties"]?[0]?["backupSetEntity"]
    #expect(entity?["backupsetName"]?.string == "defaultBackupSet")
  }
}
