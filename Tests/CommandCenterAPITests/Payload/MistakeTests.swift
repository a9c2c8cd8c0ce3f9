import CommandCenterAPI
import Testing

@Suite("A mistake in a payload")
struct MistakeTests {
  static let target = PayloadEncoderTests.target

  @Test(
    "is told with its field and the way out",
    arguments: [
      (
        "backupLevel", "FUL",
        #"notAllowed: backupLevel "FUL" is not allowed; use FULL, INCREMENTAL, DIFFERENTIAL, SYNTHETIC_FULL "#
          + "or TRANSACTION_LOG"
      ),
      (
        "backupLevel", 3,
        "notAllowed: backupLevel 3 is not allowed; use FULL, INCREMENTAL, DIFFERENTIAL, SYNTHETIC_FULL "
          + "or TRANSACTION_LOG"
      ),
      ("backupLevel", true, "wrongType: backupLevel must be a string, not the boolean true"),
      ("taskType", 3, "notAllowed: taskType 3 is not allowed; use IMMEDIATE or SCHEDULE"),
      ("taskType", "LATER", #"notAllowed: taskType "LATER" is not allowed; use IMMEDIATE or SCHEDULE"#),
      ("operationType", 4, "notAllowed: operationType 4 is not allowed; use BACKUP or RESTORE"),
      (
        "_type_", "SUBCLIENT",
        #"notAllowed: _type_ "SUBCLIENT" is not allowed; use a number or one of CLIENT_ENTITY, "#
          + "INSTANCE_ENTITY, BACKUPSET_ENTITY or SUBCLIENT_ENTITY"
      ),
      ("_type_", -1, "outOfRange: _type_ must be at least 0, not -1"),
      ("subclientId", 0, "outOfRange: subclientId must be at least 1, not 0"),
      ("subclientId", "0", "outOfRange: subclientId must be at least 1, not 0"),
      ("subclientId", -5, "outOfRange: subclientId must be at least 1, not -5"),
      ("subclientId", 1.5, "wrongType: subclientId must be an integer, not the number 1.5"),
      ("subclientId", .number(.nan), "wrongType: subclientId must be an integer, not the number nan"),
      ("subclientId", 1e19, "wrongType: subclientId must be an integer, not the number 1e+19"),
      ("subclientId", "orders", #"wrongType: subclientId must be an integer, not the string "orders""#),
      (
        "subclientId", "9223372036854775808",
        #"wrongType: subclientId must be an integer, not the string "9223372036854775808""#
      ),
      ("subclientId", false, "wrongType: subclientId must be an integer, not the boolean false"),
      ("subclientId", .json("{}"), "wrongType: subclientId must be an integer, not a table"),
      ("subclientId", .json("[]"), "wrongType: subclientId must be an integer, not a list"),
      ("subclientId", .other("function"), "wrongType: subclientId must be an integer, not a function"),
      ("backupsetId", -1, "outOfRange: backupsetId must be at least 0, not -1"),
      ("priority", 1000, "outOfRange: priority must be 0 to 999, not 1000"),
      ("clientName", "", "notAllowed: clientName must not be empty"),
      ("clientName", .bytes([0x61, 0xFF]), "badText: clientName is no valid UTF-8"),
      ("displayName", .bytes(Array(repeating: 0x80, count: 20)), "badText: displayName is no valid UTF-8"),
      ("displayName", true, "wrongType: displayName must be a string, not the boolean true"),
      ("displayName", .number(.infinity), "wrongType: displayName must be a string, not the number inf"),
      (
        "notifyUserOnJobCompletion", 1,
        "wrongType: notifyUserOnJobCompletion must be a boolean, not the number 1"
      ),
      (
        "notifyUserOnJobCompletion", "true",
        #"wrongType: notifyUserOnJobCompletion must be a boolean, not the string "true""#
      ),
      ("jobRetryOpts", "3", #"wrongType: jobRetryOpts must be an object, not the string "3""#),
      ("jobRetryOpts", .json(" [1]"), "wrongType: jobRetryOpts must be an object, not a list"),
      (
        "options", "x",
        #"badStructure: what options is to have beside its fields must be a table, not the string "x""#
      ),
    ] as [(String, Given, String)])
  func kinds(field: String, value: Given, complaint: String) {
    let others = Self.target.filter { $0.name != field }
    #expect(Workload.dynamodb.complaints(others + [(field, value)]) == [complaint])
  }

  @Test("is one of several, all told at once in the order of the page")
  func several() {
    #expect(
      Workload.dynamodb.complaints([
        ("clientName", ""), ("subclientId", "x"), ("priority", 1000), ("backupLevel", 3.5),
      ]) == [
        "notAllowed: clientName must not be empty",
        "missing: instanceName is missing; dynamodb needs it: the instance",
        #"wrongType: subclientId must be an integer, not the string "x""#,
        "notAllowed: backupLevel 3.5 is not allowed; use FULL, INCREMENTAL, DIFFERENTIAL, SYNTHETIC_FULL "
          + "or TRANSACTION_LOG",
        "outOfRange: priority must be 0 to 999, not 1000",
      ])
  }

  @Test("says in which association it is, counted as Lua does")
  func association() {
    #expect(
      Workload.dynamodb.complaints(rows: [Self.target, [("clientName", "a"), ("subclientId", 0)]]) == [
        "missing: association 2: instanceName is missing; dynamodb needs it: the instance",
        "outOfRange: association 2: subclientId must be at least 1, not 0",
      ])
    #expect(
      Workload.dynamodb.complaints(rows: []) == ["badStructure: associations is empty; give at least one"])
  }

  static let mssql: [(name: String, value: Given)] = [
    ("instanceId", 31), ("subclientId", 310), ("clientId", 8),
  ]
  static let oracle: [(name: String, value: Given)] = [("clientName", "aws-prod"), ("instanceName", "ERP")]

  @Test(
    "may be that two fields contradict each other",
    arguments: [
      (
        .mssql, mssql + [("copyOnly", true), ("backupLevel", "DIFFERENTIAL")],
        ["contradiction: copyOnly needs backupLevel FULL, not DIFFERENTIAL"]
      ),
      (.mssql, mssql + [("copyOnly", true), ("backupLevel", 1)], []),
      (.mssql, mssql + [("copyOnly", false), ("backupLevel", "TRANSACTION_LOG")], []),
      (
        .mssql, mssql + [("copyOnly", true), ("backupLevel", "INCREMENTAL")],
        [
          #"notAllowed: backupLevel "INCREMENTAL" is not allowed; use FULL, TRANSACTION_LOG or DIFFERENTIAL"#
        ]
      ),
      (
        .oracle, oracle + [("cumulative", true), ("backupLevel", "full")],
        ["contradiction: cumulative needs backupLevel INCREMENTAL, not FULL"]
      ),
      (.oracle, oracle + [("cumulative", true), ("backupLevel", "INCREMENTAL")], []),
    ] as [(Workload, [(name: String, value: Given)], [String])])
  func contradictions(workload: Workload, fields: [(name: String, value: Given)], complaints: [String]) {
    #expect(workload.complaints(fields) == complaints)
  }

  @Test("about a name that is none says which was meant, once")
  func unknown() {
    let misspelt = Workload.dynamodb.unknownField("subclientld")
    #expect(misspelt.message == "subclientld is no field of dynamodb; did you mean subclientId?")
    #expect(misspelt.suggestion == "subclientId")
    #expect(
      Workload.dynamodb.unknownField("colour", in: Workload.dynamodb.containerIndex("options")).message
        == "colour is no field of dynamodb in options")
    let missing = Mistake(.missing, field: "subclientId", message: "subclientId is missing")
    let other = Mistake(.missing, field: "clientName", message: "clientName is missing")
    let error = PayloadError(workload: "dynamodb", mistakes: [missing, other])
      .and(PayloadError(workload: "dynamodb", mistakes: [misspelt]))
    #expect(
      error.description == """
        2 mistakes in a payload of dynamodb:
          clientName is missing
          subclientld is no field of dynamodb; did you mean subclientId?
        """)
    #expect(PayloadError(workload: "dynamodb", mistakes: [other]).description == "clientName is missing")
  }
}
