import CommandCenterAPI
import Testing

@Suite("Names where a page wants ids,")
struct NamesTests {
  private func lookups(_ workload: Workload, _ fields: [(name: String, value: Given)]) -> [String] {
    SlotTable(workload, [fields]).withSlots { slots in
      workload.lookups(in: slots, rows: 1).flatMap { $0.map { workload.fields[$0.id].name } }
    }
  }

  @Test("which are required and not given, are looked up")
  func which() {
    #expect(lookups(.dynamodb, [("subclientName", "carts")]) == ["subclientId"])
    #expect(lookups(.dynamodb, [("subclientName", "carts"), ("subclientId", nil)]) == ["subclientId"])
    #expect(lookups(.dynamodb, [("subclientName", "carts"), ("subclientId", 7)]).isEmpty)
    #expect(lookups(.dynamodb, [("subclientName", "")]).isEmpty)
    #expect(lookups(.dynamodb, [("clientName", "aws-prod")]).isEmpty)
    let names: [(name: String, value: Given)] = [
      ("clientName", "a"), ("instanceName", "b"), ("backupsetName", "c"), ("subclientName", "d"),
    ]
    #expect(lookups(.mssql, names) == ["instanceId", "subclientId", "clientId"])
    for workload in [Workload.documentdb, .rds, .oracle] {
      #expect(workload.lookups.isEmpty)
    }
  }

  @Test("are not sent where the page does not list them")
  func unsent() throws {
    let ids: [(name: String, value: Given)] = [
      ("clientId", 1), ("instanceId", 2), ("subclientId", 3), ("backupLevel", "FULL"),
    ]
    let names: [(name: String, value: Given)] = [("clientName", "a"), ("subclientName", "d")]
    #expect(try Workload.mssql.payload(ids + names) == Workload.mssql.payload(ids))
    #expect(
      Workload.mssql.complaints(ids + [("clientName", true)]) == [
        "wrongType: clientName must be a string, not the boolean true"
      ])
  }

  @Test("leave their ids' place in the payload to what is found")
  func filling() throws {
    let fields: [(name: String, value: Given)] = [
      ("clientName", "a\"\\b"), ("instanceName", "größe\u{1}"), ("jobDescription", "subclientId"),
      ("jobRetryOpts", .json(#"{"subclientId":1,"x":[0.5,null]}"#)),
    ]
    func payload(_ ids: [Int64]) throws -> String {
      try Workload.dynamodb.payload(rows: ids.map { fields + [("subclientId", .integer($0))] })
    }
    let filled = Workload.dynamodb.payload(
      Array(try payload([.max, 9]).utf8), with: [["subclientId": 1042], [:]])
    #expect(String(decoding: filled, as: UTF8.self) == (try payload([1042, 9])))
  }
}
