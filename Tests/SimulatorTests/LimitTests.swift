import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("How many requests a simulated server takes")
struct LimitTests {
  private func caller(
    _ limits: String, jobListsAreWrites: Bool = false, clockSpeed: Double = 1
  ) throws -> Caller {
    var settings = SimulatorSettings()
    settings.limits = try HourlyLimits.parse(limits)
    settings.jobListsAreWrites = jobListsAreWrites
    settings.clockSpeed = clockSpeed
    settings.tokens = ["token"]
    var caller = try Caller(settings: settings, loggedIn: false)
    caller.token = "token"
    return caller
  }

  private func refusal(_ caller: Caller) -> HTTPFields? {
    var request = HTTPRequest(
      method: .get, scheme: "https", authority: "center", path: "/commandcenter/api/Client")
    request.headerFields[HTTPField.Name("Authtoken")!] = caller.token
    let response = caller.simulator.answer(request, body: []).0
    return response.status.code == 429 ? response.headerFields : nil
  }

  private func field(_ name: String, _ fields: HTTPFields?) -> String? {
    HTTPField.Name(name).flatMap { fields?[$0] }
  }

  @Test("What is above the limit is refused until an hour after the first that was taken, which is told")
  func limit() throws {
    let caller = try caller("reads=3")
    for _ in 0..<3 {
      #expect(refusal(caller) == nil)
      caller.clock.advance(by: .seconds(600))
    }
    let fields = try #require(refusal(caller))
    #expect(field("Retry-After", fields) == "1800")
    #expect(field("X-RateLimit-Limit", fields) == "3")
    #expect(field("X-RateLimit-Period", fields) == "3600")
    #expect(field("X-RateLimit-Remaining", fields) == "0")
    caller.clock.advance(by: .seconds(1799))
    #expect(refusal(caller) != nil)
    caller.clock.advance(by: .seconds(1))
    #expect(refusal(caller) == nil)
    #expect(refusal(caller) != nil)
    let reads = caller.simulator.view.reads
    #expect(reads.limit == 3)
    #expect(reads.mostInAnHour == 3)
    #expect(reads.refused == 3)
  }

  @Test("What is refused is not carried out, and reads have no part in what writes may")
  func writes() throws {
    let caller = try caller("writes=1,reads=100")
    #expect(try caller.submit(Payload.rds("orders")).jobIds.count == 1)
    #expect(caller.send(.post, "/createtask", Payload.rds("crm")).status == 429)
    #expect(caller.send(.post, "/Login", "{}").status == 429)
    #expect(try caller.list(JobQuery()).jobs.count == 1)
    #expect(caller.send(.post, "/JobDetails", "{\"jobId\":148886}").status == 200)
    #expect(caller.simulator.view.writes.refused == 2)
    #expect(caller.simulator.view.reads.mostInAnHour == 2)
  }

  @Test("POST /Jobs counts as a write where the server is set so")
  func jobLists() throws {
    let caller = try caller("writes=1", jobListsAreWrites: true)
    _ = try caller.list(JobQuery())
    #expect(caller.send(.post, "/Jobs", "{}").status == 429)
    #expect(caller.simulator.view.reads.mostInAnHour == 0)
  }

  @Test("Without a limit the busiest hour is known all the same")
  func unlimited() throws {
    let caller = try Caller(loggedIn: false)
    for minute in 0..<300 {
      for _ in 0..<(minute == 200 ? 40 : 1) { _ = caller.send(.get, "/Client") }
      caller.clock.advance(by: .seconds(60))
    }
    let reads = caller.simulator.view.reads
    #expect(reads.limit == nil)
    #expect(reads.mostInAnHour == 99)
    #expect(reads.refused == 0)
  }

  @Test("Where its clock runs faster, the times it tells are a client's")
  func speed() throws {
    let caller = try caller("reads=1", clockSpeed: 60)
    _ = refusal(caller)
    let fields = refusal(caller)
    #expect(field("Retry-After", fields) == "60")
    #expect(field("X-RateLimit-Period", fields) == "60")
  }

  @Test("Limits are read from a text")
  func parsing() throws {
    #expect(try HourlyLimits.parse("saas") == HourlyLimits(writes: 100, reads: 1000))
    #expect(try HourlyLimits.parse("reads=7") == HourlyLimits(reads: 7))
  }

  @Test(
    "A mistake is one sentence",
    arguments: [
      ("", "write saas"), ("much", "write saas"), ("writes=0", "from 1"), ("reads=x", "from 1"),
      ("reads=1,reads=2", "twice"), ("reads=1,", "write saas"),
    ])
  func mistakes(text: String, part: String) {
    let error = #expect(throws: HourlyLimitsError.self) { try HourlyLimits.parse(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }
}
