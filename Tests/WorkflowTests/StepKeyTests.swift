import Testing

@testable import Workflow

@Suite("A key of the journal")
struct StepKeyTests {
  @Test(
    "tells the steps of the script's own in which it was made",
    arguments: [
      ("backup.rds:aws-prod/eu-west-1/crm FULL #1", []),
      ("backup.rds:a@b.example/eu-west-1/crm FULL #1", []),
      ("backup.rds:aws-prod/eu-west-1/crm FULL@list #12", ["list"]),
      ("backup.rds:aws-prod/eu-west-1/crm -@list+in%20ner #1", ["list", "list+in%20ner"]),
      ("sleep:15s night.lua:7 in 2.1@list.3.1 #1", ["list"]),
      ("race night.lua:7 in @a+b+c #2", ["a", "a+b", "a+b+c"]), ("step:a@b", []),
    ])
  func scopes(_ key: String, _ scopes: [String]) {
    #expect(StepKey.scopes(of: key) == scopes)
  }
}
