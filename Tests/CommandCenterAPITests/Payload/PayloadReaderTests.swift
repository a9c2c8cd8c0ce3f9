import CommandCenterAPI
import PageBodies
import Testing

@Suite("A server that reads a payload")
struct PayloadReaderTests {
  let reader = PayloadReader()

  @Test(
    "knows what is to be backed up, and which target",
    arguments: zip(
      Fixture.all,
      [
        "aws-prod/DynamoDB/1042", "aws-prod/DocumentDB/catalogue", "aws-prod/eu-west-1/crm", "8/31/310",
        "aws-prod/ERP/default",
      ]))
  func examples(fixture: (workload: Workload, body: String), target: String) throws {
    let hint: (JSONValue) -> String? = { $0["instanceName"] == "DynamoDB" ? "dynamodb" : nil }
    let facts = try reader.read(Array(fixture.body.utf8), knownWorkload: hint)
    #expect(facts.workload == fixture.workload.name)
    #expect(facts.targets.map(\.text) == [target])
    #expect(facts.taskType == "IMMEDIATE")
  }

  @Test(
    "tells the workload by the shape of the association",
    arguments: [
      (#"{"appName":"SQL Server"}"#, "mssql"),
      (#"{"applicationId":81}"#, "mssql"),
      (#"{"appName":"Oracle","applicationId":22}"#, "oracle"),
      (#"{"_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps"}"#, "rds"),
      (#"{"applicationId":134,"subclientId":7}"#, "dynamodb"),
      (#"{"applicationId":134,"subclientName":"x","backupsetName":"defaultBackupSet"}"#, "documentdb"),
      (#"{"subclientName":"x","backupsetName":"defaultBackupSet"}"#, "documentdb"),
      (#"{"applicationId":134,"subclientId":7,"csGUID":"x"}"#, "dynamodb"),
      (#"{"clientName":"x"}"#, "documentdb"),
      (#"{"appName":"Virtual Server"}"#, nil),
      (#"{"applicationId":106}"#, nil),
    ] as [(String, String?)])
  func shapes(association: String, workload: String?) throws {
    #expect(reader.workload(of: try JSONValue(parsing: association))?.name == workload)
  }

  @Test("has all that it needs to play a backup")
  func facts() throws {
    let payload = try Workload.dynamodb.payload(rows: [
      PayloadEncoderTests.target + [
        ("backupLevel", 2), ("jobDescription", "nightly"), ("startInSuspendedState", true),
        ("userName", "dba"),
        ("backupsetName", "archive"),
      ],
      [("clientName", "aws-test"), ("instanceName", "DynamoDB"), ("subclientId", 7), ("backupsetId", 12)],
    ])
    let facts = try reader.read(Array(payload.utf8))
    #expect(facts.workload == "dynamodb")
    #expect(facts.targets.map(\.text) == ["aws-prod/DynamoDB/archive/1042", "aws-test/DynamoDB/12/7"])
    #expect(facts.targets.map(\.subclientId) == [1042, 7])
    #expect(facts.level == "INCREMENTAL")
    #expect(facts.taskType == "IMMEDIATE")
    #expect(facts.jobDescription == "nightly")
    #expect(facts.startInSuspendedState)
    #expect(facts.userName == "dba")
  }

  @Test(
    "refuses what is no payload",
    arguments: [
      "", "[]", "{}", #"{"taskInfo":{}}"#, #"{"taskInfo":{"associations":[]}}"#,
      #"{"taskInfo":{"associations":[1]}}"#,
    ])
  func notAPayload(body: String) {
    #expect(throws: PayloadReader.Refusal.notAPayload) { try reader.read(Array(body.utf8)) }
  }

  @Test("says what is wrong, and takes no name for a number")
  func mistakes() {
    let body = """
      {"taskInfo":{"associations":[{"clientName":"","subclientId":"1042","applicationId":134,"csGUID":"x"}],\
      "task":{"taskType":"IMMEDIATE"},"subTasks":[{"subTask":{"subTaskType":2,"operationType":9},\
      "options":{"backupOpts":{"backupLevel":"full"},"commonOpts":{"startUpOpts":{"priority":1000}}}}]}}
      """
    #expect {
      try reader.read(Array(body.utf8))
    } throws: { error in
      guard case .mistakes(let error) = error as? PayloadReader.Refusal else { return false }
      let expected = [
        "notAllowed: clientName must not be empty",
        "missing: instanceName is missing; dynamodb needs it: the instance",
        #"wrongType: subclientId must be an integer, not the string "1042""#,
        #"wrongType: taskType must be an integer, not the string "IMMEDIATE""#,
        "notAllowed: operationType 9 is not allowed; use BACKUP or RESTORE",
        #"notAllowed: backupLevel "full" is not allowed; use FULL, INCREMENTAL, DIFFERENTIAL, "#
          + "SYNTHETIC_FULL or TRANSACTION_LOG",
        "outOfRange: priority must be 0 to 999, not 1000",
      ]
      let found = error.mistakes.map { "\($0.kind): \($0)" }
      #expect(found == expected)
      return true
    }
  }

  @Test("knows contradictions, too")
  func contradiction() throws {
    let body = Fixture.mssql.replacing(#""copyOnly": false"#, with: #""copyOnly": true"#)
      .replacing("FULL", with: "DIFFERENTIAL")
    #expect {
      try reader.read(Array(body.utf8))
    } throws: { error in
      guard case .mistakes(let error) = error as? PayloadReader.Refusal else { return false }
      return error.description == "copyOnly needs backupLevel FULL, not DIFFERENTIAL"
    }
  }

  @Test("survives any change of bytes")
  func fuzz() {
    var random = SeededGenerator(seed: 5)
    for (_, body) in Fixture.all {
      for _ in 0..<2000 {
        var bytes = Array(body.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let at = Int.random(in: 0..<bytes.count, using: &random)
          bytes[at] = Bool.random(using: &random) ? .random(in: 0...255, using: &random) : bytes[at / 2]
        }
        _ = try? reader.read(bytes)
      }
    }
  }
}
