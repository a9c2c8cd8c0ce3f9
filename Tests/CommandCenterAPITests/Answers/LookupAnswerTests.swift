import CommandCenterAPI
import Testing

@Suite("Answers to look-ups")
struct LookupAnswerTests {
  private func ids(_ status: Int, _ text: String) throws(ServerError) -> IdAnswer {
    try IdAnswer.decode(status: status, body: Array(text.utf8))
  }

  @Test("An id of -32000 is none, under HTTP 404 too")
  func notFound() throws {
    let text = #"{"clientId":17,"instanceId":-32000,"backupsetId":-32000,"subclientId":"-32000"}"#
    for status in [200, 404] {
      let answer = try ids(status, text)
      #expect(answer.clientId == 17)
      #expect(answer.instanceId == nil && answer.backupsetId == nil && answer.subclientId == nil)
    }
  }

  @Test("What names no id at all is an error with its text")
  func errors() {
    #expect(throws: ServerError.self) { try ids(404, "<html><title>No such page</title></html>") }
    let error = #expect(throws: ServerError.self) {
      try ids(401, #"{"errorMessage":"Access denied","errorCode":5}"#)
    }
    #expect(error?.kind == .accessDenied)
    #expect(throws: ServerError.self) { try ids(200, "{}") }
    #expect(throws: ServerError.self) { try ids(500, #"{"clientId":17}"#) }
  }

  @Test("A question for ids escapes what a path cannot hold")
  func question() {
    var query = IdQuery()
    query.clientName = "aws prod & co"
    query.agent = "Cloud Apps"
    query.subclientName = "größe+1"
    #expect(
      query.path
        == "/GetId?clientname=aws%20prod%20%26%20co&agent=Cloud%20Apps&subclient=gr%C3%B6%C3%9Fe%2B1")
  }

  @Test("The details of a job leave out what the server does not know")
  func details() throws {
    let text =
      #"{"job":{"jobDetail":{"generalInfo":{"jobPriority":-999,"jobId":7},"detailInfo":{"failures":"0"}}}}"#
    let details = try JobDetails.decode(status: 200, body: Array(text.utf8))
    #expect(details.detail == ["generalInfo": ["jobId": 7], "detailInfo": ["failures": "0"]])
    let refusal = #"{"error":{"errList":[{"errorCode":2,"errLogMessage":"Job [1] does not exist."}]}}"#
    let error = #expect(throws: ServerError.self) {
      try JobDetails.decode(status: 200, body: Array(refusal.utf8))
    }
    #expect(error?.message == "Job [1] does not exist." && error?.code == 2)
  }

  @Test("Two things differ by their ids where both have one, else by their names, case aside")
  func naming() {
    var one = JobSummary.Subclient()
    var other = JobSummary.Subclient()
    one.clientName = "AWS-Prod"
    other.clientName = "aws-prod"
    #expect(!one.differs(from: other))
    one.subclientId = 7
    other.subclientName = "carts"
    #expect(!one.differs(from: other))
    other.subclientId = 8
    #expect(one.differs(from: other))
    (one.subclientId, one.subclientName) = (8, "customers")
    #expect(!one.differs(from: other))
    other.clientName = "aws-test"
    #expect(one.differs(from: other))
  }
}
