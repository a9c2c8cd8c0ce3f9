import CommandCenterAPI
import Testing

@Suite("A tag on a payload")
struct TagPointTests {
  @Test(
    "ends its job description, whatever of the way there is missing",
    arguments: [
      ([], ""),
      ([("backupLevel", "FULL")], ""),
      ([("notifyUserOnJobCompletion", true)], ""),
      ([("priority", 1)], ""),
      ([("jobDescription", "")], ""),
      ([("jobDescription", "nightly \"1\"")], "nightly \"1\" "),
      ([("subTaskType", nil), ("operationType", nil), ("taskType", nil)], ""),
    ] as [([(name: String, value: Given)], String)])
  func tagging(fields: [(name: String, value: Given)], before: String) throws {
    let payload = Array(try Workload.dynamodb.payload(PayloadEncoderTests.target + fields).utf8)
    let point = try #require(Workload.dynamodb.tagPoint(in: payload))
    let tagged = try JSONValue(parsing: point.tagging(payload, with: "[cvlua \"7\"]"))
    let options = tagged["taskInfo"]?["subTasks"]?[0]?["options"]
    #expect(options?["commonOpts"]?["jobDescription"] == .string(before + "[cvlua \"7\"]"))
    if fields.first?.name != "subTaskType" {
      let facts = try PayloadReader().read(point.tagging(payload, with: "x"))
      #expect(facts.targets.map(\.text) == ["aws-prod/DynamoDB/1042"])
    }
  }

  @Test(
    "is found in a payload whose jobs are made suspended, too",
    arguments: [
      (
        #"{"taskInfo":{"associations":[{}],"task":{"taskType":1},"subTasks":[{"subTask":{"subTaskType":2}}]}}"#,
        #"{"taskInfo":{"associations":[{}],"task":{"taskType":1},"subTasks":[{"options":{"commonOpts":{"jobDescription":"T","startUpOpts":{"startInSuspendedState":true}}},"subTask":{"subTaskType":2}}]}}"#
      ),
      (
        #"{"taskInfo":{"subTasks":[{"options":{"commonOpts":{"jobDescription":"mine","startUpOpts":{"priority":5}}}}]}}"#,
        #"{"taskInfo":{"subTasks":[{"options":{"commonOpts":{"jobDescription":"mine T","startUpOpts":{"startInSuspendedState":true,"priority":5}}}}]}}"#
      ),
    ])
  func suspended(_ payload: String, _ marked: String) throws {
    for workload in [Workload.dynamodb, .rds] {
      let suspended = try #require(workload.suspended(Array(payload.utf8)))
      let tagged = try #require(workload.tagPoint(in: suspended)).tagging(suspended, with: "T")
      #expect(String(decoding: tagged, as: UTF8.self) == marked)
      #expect(workload.suspended(suspended) == nil)
    }
  }

  @Test("finds no place in what is no payload", arguments: ["", "[]", "{\"taskInfo\":1}"])
  func none(body: String) {
    #expect(Workload.dynamodb.tagPoint(in: Array(body.utf8)) == nil)
  }
}
