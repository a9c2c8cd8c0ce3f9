import CommandCenterAPI
import PageBodies
import Testing

@Suite("Each page's example, written as a Lua table, gives its JSON")
struct PageTests {
  /// A JSON value as Lua source.
  private func lua(_ value: JSONValue) -> String {
    switch value {
    case .null: "nil"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .string(let text): "\"\(text)\""
    case .array(let values): "{ \(values.map(lua).joined(separator: ", ")) }"
    case .object(let members):
      "{ \(members.map { "\($0.name) = \(lua($0.value))" }.joined(separator: ", ")) }"
    }
  }

  /// The leaves of a payload with one target, by name: every leaf name is unique.
  private func leaves(_ value: JSONValue) -> [JSONValue.Member] {
    switch value {
    case .array(let values): values.flatMap(leaves)
    case .object(let members):
      members.flatMap { member -> [JSONValue.Member] in
        switch member.value {
        case .array, .object: leaves(member.value)
        default: [member]
        }
      }
    default: []
    }
  }

  @Test(
    "nested as on the page, without the outer taskInfo, and flat", arguments: Fixture.all.map(\.workload.name)
  )
  func examples(_ name: String) async throws {
    let body = try #require(Fixture.all.first { $0.workload.name == name }).body
    let page = try JSONValue(parsing: body)
    let json = String(decoding: try page.encoded(), as: UTF8.self)
    let inner = try #require(page["taskInfo"])
    let flat = JSONValue.object(leaves(page))
    for table in [page, inner, flat] {
      #expect(await (try Rehearsal()).value("return backup.\(name).encode(\(lua(table)))") == json)
    }
  }

  @Test("with two targets that share a field")
  func associations() async throws {
    let said = try await Rehearsal().value(
      """
      return backup.rds.encode{
        clientName = "aws-prod",
        associations = { { instanceName = "eu", subclientName = "a" }, { instanceName = "us", subclientName = "b" } },
      }
      """)
    #expect(
      said == """
        {"taskInfo":{"associations":[\
        {"clientName":"aws-prod","instanceName":"eu","_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps","subclientName":"a"},\
        {"clientName":"aws-prod","instanceName":"us","_type_":"SUBCLIENT_ENTITY","appName":"Cloud Apps","subclientName":"b"}],\
        "task":{"taskType":"IMMEDIATE"},\
        "subTasks":[{"subTask":{"subTaskType":"BACKUP","operationType":"BACKUP"},\
        "options":{"backupOpts":{"backupLevel":"FULL"},"commonOpts":{"notifyUserOnJobCompletion":true}}}]}}
        """)
  }

  @Test("with extra fields where the page does not list them, and raw objects")
  func extras() async throws {
    let said = try await Rehearsal().value(
      """
      return backup.dynamodb.encode{
        clientName = "a", instanceName = "b", subclientId = 7,
        jobRetryOpts = { numberOfRetries = 2, list = json.array{} },
        extra = { commonOpts = { perfJobOpts = { jobPerfOptions = 1 } }, associations = { tag = "x" } },
      }
      """)
    #expect(
      said == """
        {"taskInfo":{"associations":[\
        {"clientName":"a","instanceName":"b","subclientId":7,"applicationId":134,"tag":"x"}],\
        "task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2,"operationType":2},\
        "options":{"commonOpts":{"jobRetryOpts":{"list":[],"numberOfRetries":2},\
        "perfJobOpts":{"jobPerfOptions":1}}}}]}}
        """)
  }
}
