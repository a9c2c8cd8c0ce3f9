import CommandCenterAPI
import Testing

@Suite("The answer to a submit")
struct SubmitAnswerTests {
  @Test(
    "names the task and its jobs",
    arguments: [
      (#"{"taskId":9920,"jobIds":["148886"]}"#, SubmitAnswer(taskId: 9920, jobIds: ["148886"])),
      (
        #"{"taskId":"30453","jobIds":[149806,149807]}"#,
        SubmitAnswer(taskId: 30453, jobIds: ["149806", "149807"])
      ),
      (
        #"{"jobIds":["1","2","3","4","5","6"]}"#,
        SubmitAnswer(taskId: 0, jobIds: ["1", "2", "3", "4", "5", "6"])
      ),
      (#"{"taskId":7}"#, SubmitAnswer(taskId: 7, jobIds: [])),
      (#"{"taskId":7,"jobIds":["0"],"errorCode":0}"#, SubmitAnswer(taskId: 7, jobIds: [])),
    ])
  func answers(body: String, answer: SubmitAnswer) throws {
    #expect(try decodeSubmit(status: 200, body: Array(body.utf8)) == answer)
  }

  @Test("is taken for one wherever it names a job, so that none is lost")
  func jobUnderError() throws {
    let body = #"{"taskId":7,"jobIds":["8"],"errorCode":2,"errorMessage":"One of two failed"}"#
    #expect(try decodeSubmit(status: 500, body: Array(body.utf8)) == SubmitAnswer(taskId: 7, jobIds: ["8"]))
  }

  @Test("reads back as it was written")
  func roundTrip() throws {
    let answer = SubmitAnswer(taskId: .max, jobIds: ["1", "2"])
    var json = JSONWriter()
    answer.write(to: &json)
    #expect(json.text == #"{"taskId":9223372036854775807,"jobIds":["1","2"]}"#)
    #expect(try decodeSubmit(status: 200, body: json.bytes) == answer)
  }
}
