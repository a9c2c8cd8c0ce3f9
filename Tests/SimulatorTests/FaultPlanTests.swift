import Simulator
import Testing

@Suite("Reading --faults")
struct FaultPlanTests {
  @Test(
    "These are taken",
    arguments: [
      "", "*:fail", "dynamodb:fail@1, rds/orders:pending=2h", "oracle/ERP:slow=1h30m", "*/a:b:hidden=20s",
      "*:status=Interrupt Pending", "*:drop-answer@2", "login:http=502", "request:throttle=1000/h@3",
      "dynamodb/1042:trickle=1s", "jobs:expire-token", "*:trickle,lookup:html",
    ])
  func good(text: String) throws {
    _ = try FaultPlan.parse(text)
  }

  @Test(
    "A mistake is one sentence that names the part and says what is allowed",
    arguments: [
      ("dynamodb", "colon"), ("dynamdb:fail", "did you mean dynamodb?"), ("*:faill", "did you mean fail?"),
      ("*:nonsense", "failed_to_start"), ("*:pending", "duration"), ("*:slow=soon", "duration"),
      ("*:fail=1h", "takes no value"), ("*:fail@0", "number from 1"), ("rds/:fail", "slash"),
      ("login:fail", "of a submit"), ("*:http=99", "200 to 599"), ("*:http", "status"),
      ("*:throttle=100", "100/h"), ("*:throttle=0/h", "100/h"), ("*:truncate=1", "takes no value"),
      ("jbos:reset", "did you mean jobs?"), ("elephants:reset", "lookup"),
      ("*:fail,,*:fail", "empty"), ("*:status=Completed", "ends a job"),
    ])
  func bad(text: String, hint: String) {
    let error = #expect(throws: FaultError.self) { try FaultPlan.parse(text) }
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test("A fault that there is none of is told in one sentence, with what was meant")
  func wording() {
    let error = #expect(throws: FaultError.self) { try FaultPlan.parse("dynamodb:faill") }
    #expect(
      error?.description
        == "In \"dynamodb:faill\", \"faill\" is no fault; did you mean fail?")
  }
}
