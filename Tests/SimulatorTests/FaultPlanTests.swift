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

  @Test("What has met nothing is told with its reason, part by part")
  func misses() throws {
    let text =
      "*:slow=1m,dynamodb/1024:fail,rds:killed,dynamodb:warnings@2,jobs:html,login:http=502@2,*/Customers:fail"
    let caller = try Caller(faults: text)
    #expect(try FaultPlan.parse(text).misses(in: []).count == 7)
    _ = try caller.job(Payload.dynamodb(1042))
    #expect(
      try FaultPlan.parse(text).misses(in: [caller.simulator]).map { "\($0.part) \($0.reason)" } == [
        "1 no dynamodb of that name or id was submitted; did you mean 1042?", "2 no rds was submitted",
        "3 there was one such submit only", "4 there was no such request",
        "5 there was one such request only",
      ])
  }

  @Test("A fault that met something at one of several Command Centers is no miss")
  func missesOfSeveral() throws {
    let (quiet, busy) = (try Caller(faults: "dynamodb:fail"), try Caller(faults: "dynamodb:fail"))
    _ = try busy.job(Payload.dynamodb(1042))
    #expect(
      try FaultPlan.parse("dynamodb:fail").misses(in: [quiet.simulator, busy.simulator]).isEmpty)
  }
}
