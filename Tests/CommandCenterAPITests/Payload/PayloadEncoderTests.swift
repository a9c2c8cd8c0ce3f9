import CommandCenterAPI
import PageBodies
import Testing

@Suite("A payload")
struct PayloadEncoderTests {
  @Test("of a page's example is that example, byte for byte but for white space", arguments: Fixture.all)
  func example(workload: Workload, body: String) throws {
    #expect(try workload.payload(Fixture.flat(body)) == Fixture.compact(body))
  }

  static let required: [(workload: Workload, fields: [(name: String, value: Given)], payload: String)] = [
    (
      .dynamodb, [("clientName", "aws-prod"), ("instanceName", "DynamoDB"), ("subclientId", 1042)],
      """
      {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1042,\
      "applicationId":134}],"task":{"taskType":1},\
      "subTasks":[{"subTask":{"subTaskType":2,"operationType":2}}]}}
      """
    ),
    (
      .documentdb,
      [("clientName", "aws-prod"), ("instanceName", "DocumentDB"), ("subclientName", "catalogue")],
      """
      {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DocumentDB",\
      "backupsetName":"defaultBackupSet","subclientName":"catalogue"}],"task":{"taskType":1},\
      "subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
      "options":{"backupOpts":{"backupLevel":"FULL"}}}]}}
      """
    ),
    (
      .rds, [("clientName", "aws-prod"), ("instanceName", "eu-west-1"), ("subclientName", "crm")],
      """
      {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"eu-west-1",\
      "_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps","subclientName":"crm"}],\
      "task":{"taskType":"IMMEDIATE"},"subTasks":[{"subTask":{"subTaskType":"BACKUP",\
      "operationType":"BACKUP"},"options":{"backupOpts":{"backupLevel":"FULL"},\
      "commonOpts":{"notifyUserOnJobCompletion":true}}}]}}
      """
    ),
    (
      .mssql, [("instanceId", 31), ("subclientId", 310), ("clientId", 8), ("backupLevel", "DIFFERENTIAL")],
      """
      {"taskInfo":{"associations":[{"instanceId":31,"subclientId":310,"clientId":8,"appName":"SQL Server"}],\
      "task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
      "options":{"backupOpts":{"backupLevel":"DIFFERENTIAL"}}}]}}
      """
    ),
    (
      .oracle, [("clientName", "aws-prod"), ("instanceName", "ERP"), ("backupLevel", "FULL")],
      """
      {"taskInfo":{"associations":[{"instanceName":"ERP","appName":"Oracle","applicationId":22,\
      "clientName":"aws-prod","subclientName":"default"}],"task":{"taskType":"IMMEDIATE"},\
      "subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
      "options":{"backupOpts":{"backupLevel":"FULL"}}}]}}
      """
    ),
  ]

  @Test("of the required fields alone has the page's defaults", arguments: required)
  func defaults(workload: Workload, fields: [(name: String, value: Given)], payload: String) throws {
    #expect(try workload.payload(fields) == payload)
  }

  @Test("names each required field that is left out, or null, or all of them", arguments: required)
  func missing(workload: Workload, fields: [(name: String, value: Given)], payload: String) {
    func complaint(_ name: String) -> String {
      let field = workload.fields[workload.fieldIndex(name) ?? 0]
      let other = field.nameField.map { " (or \($0))" } ?? ""
      return "missing: \(name)\(other) is missing; \(workload.name) needs it: \(field.doc)"
    }
    for (left, field) in fields.enumerated() {
      var others = fields
      others.remove(at: left)
      #expect(workload.complaints(others) == [complaint(field.name)])
      #expect(workload.complaints(others + [(field.name, nil)]) == [complaint(field.name)])
    }
    let inPageOrder = workload.fields.map(\.name).filter { name in fields.contains { $0.name == name } }
    #expect(workload.complaints([]) == inPageOrder.map(complaint))
  }

  static let target: [(name: String, value: Given)] = [
    ("clientName", "aws-prod"), ("instanceName", "DynamoDB"), ("subclientId", 1042),
  ]

  /// The payload of ``target`` with these members in the association and these options.
  static func payload(_ members: String = "", options: String = "", task: String = "1") -> String {
    """
    {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB",\(members)\
    "subclientId":1042,"applicationId":134}],"task":{"taskType":\(task)},\
    "subTasks":[{"subTask":{"subTaskType":2,"operationType":2}\(options)}]}}
    """
  }

  @Test(
    "converts what a script may write into what the page wants",
    arguments: [
      ("taskType", "IMMEDIATE", payload()),
      ("taskType", "immediate", payload()),
      ("taskType", 2, payload(task: "2")),
      ("taskType", 2.0, payload(task: "2")),
      ("taskType", "2", payload(task: "2")),
      ("_type_", "SUBCLIENT_ENTITY", payload(#""_type_":7,"#)),
      ("_type_", 99, payload(#""_type_":99,"#)),
      ("applicationId", "Cloud Apps", payload()),
      ("backupsetId", 12.0, payload(#""backupsetId":12,"#)),
      ("backupsetId", "12", payload(#""backupsetId":12,"#)),
      ("backupsetId", 0, payload(#""backupsetId":0,"#)),
      ("backupsetId", .integer(.max), payload(#""backupsetId":9223372036854775807,"#)),
      ("backupsetId", "9223372036854775807", payload(#""backupsetId":9223372036854775807,"#)),
      ("displayName", 2026, payload(#""displayName":"2026","#)),
      ("displayName", 2026.0, payload(#""displayName":"2026","#)),
      ("displayName", 20.26, payload(#""displayName":"20.26","#)),
      ("displayName", "", payload(#""displayName":"","#)),
      ("displayName", nil, payload()),
      ("backupLevel", "FULL", payload(options: #","options":{"backupOpts":{"backupLevel":"FULL"}}"#)),
      ("backupLevel", "full", payload(options: #","options":{"backupOpts":{"backupLevel":"FULL"}}"#)),
      ("backupLevel", 1, payload(options: #","options":{"backupOpts":{"backupLevel":"FULL"}}"#)),
      (
        "backupLevel", "Synthetic_Full",
        payload(options: #","options":{"backupOpts":{"backupLevel":"SYNTHETIC_FULL"}}"#)
      ),
      (
        "notifyUserOnJobCompletion", false,
        payload(options: #","options":{"commonOpts":{"notifyUserOnJobCompletion":false}}"#)
      ),
      (
        "jobRetryOpts", .json(#"{"numberOfRetries":3}"#),
        payload(options: #","options":{"commonOpts":{"jobRetryOpts":{"numberOfRetries":3}}}"#)
      ),
      (
        "jobRetryOpts", .json("[]"), payload(options: #","options":{"commonOpts":{"jobRetryOpts":{}}}"#)
      ),
      (
        "priority", 999, payload(options: #","options":{"commonOpts":{"startUpOpts":{"priority":999}}}"#)
      ),
      (
        "userName", "dba",
        payload(
          options: #","options":{"adminOpts":{"clientInstallOption":{"installerOption":"#
            + #"{"User":{"userName":"dba"}}}}}"#)
      ),
    ] as [(String, Given, String)])
  func conversions(field: String, value: Given, payload: String) throws {
    #expect(try Workload.dynamodb.payload(Self.target + [(field, value)]) == payload)
  }

  @Test("escapes its strings, however long, and keeps what is no ASCII")
  func escapes() throws {
    let name = #"a "quoted" \ name"# + "\n\u{1}" + String(repeating: "größer 漢字 😀 ", count: 1000)
    let payload = try Workload.dynamodb.payload(Self.target + [("displayName", .string(name))])
    let sent = try JSONValue(parsing: payload)["taskInfo"]?["associations"]?[0]?["displayName"]
    #expect(sent == .string(name))
    #expect(payload.contains(#""displayName":"a \"quoted\" \\ name\n\u0001größer"#))
  }

  @Test("leaves out what is null, a default and a container that is empty then included")
  func null() throws {
    let nothing: [(name: String, value: Given)] = [
      "taskType", "subTaskType", "operationType", "applicationId",
    ]
    .map { ($0, .null) }
    #expect(
      try Workload.dynamodb.payload(Self.target + nothing)
        == #"{"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB","#
        + #""subclientId":1042}]}}"#
    )
  }

  @Test("takes several associations, and the rest from the first row")
  func associations() throws {
    let rows: [[(name: String, value: Given)]] = [1042, 1043, 1051].map { id in
      [
        ("clientName", "aws-prod"), ("instanceName", "DynamoDB"), ("subclientId", .integer(id)),
        ("companyId", id == 1043 ? 3 : nil), ("backupLevel", id == 1042 ? "FULL" : nil),
      ]
    }
    #expect(
      try Workload.dynamodb.payload(rows: rows) == """
        {"taskInfo":{"associations":[\
        {"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1042,"applicationId":134},\
        {"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1043,"applicationId":134,\
        "entityInfo":{"companyId":3}},\
        {"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1051,"applicationId":134}],\
        "task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
        "options":{"backupOpts":{"backupLevel":"FULL"}}}]}}
        """)
  }

  @Test("takes members beside those of the schema, wherever they belong")
  func extras() throws {
    let extras: [(name: String, value: Given)] = [
      ("taskInfo", .json(#""t":1"#)), ("associations", .json(#""a":[1,2],"b":{}"#)),
      ("subTasks", .json(#""s":null"#)), ("options", .json(#""o":{"x":true}"#)), ("User", .json(#""u":"v""#)),
      ("task", .json("")), ("subTask", nil),
    ]
    #expect(
      try Workload.dynamodb.payload(Self.target + extras) == """
        {"taskInfo":{"associations":[{"clientName":"aws-prod","instanceName":"DynamoDB","subclientId":1042,\
        "applicationId":134,"a":[1,2],"b":{}}],"task":{"taskType":1},\
        "subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
        "options":{"adminOpts":{"clientInstallOption":{"installerOption":{"User":{"u":"v"}}}},\
        "o":{"x":true}},\
        "s":null}],"t":1}}
        """)
  }

  @Test("is made anew by an encoder that has refused another")
  func reuse() throws {
    let encoder = PayloadEncoder(.dynamodb)
    let good = SlotTable(.dynamodb, [Self.target])
    let bad = SlotTable(.dynamodb, [Self.target + [("backupLevel", "FUL")]])
    for _ in 0..<3 {
      #expect(throws: PayloadError.self) { try bad.payload(encoder) }
      #expect(try good.payload(encoder) == Self.payload())
    }
  }
}
