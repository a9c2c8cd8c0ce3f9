import Clock
import CommandCenterAPI
import Simulator
import Testing

@Suite("Job lists of the simulator")
struct JobListTests {
  private func query(_ category: JobQuery.Category, within seconds: Int64 = 86_400) -> JobQuery {
    var query = JobQuery()
    query.category = category
    query.completedJobLookupTime = seconds
    return query
  }

  @Test("Active and finished jobs are told apart, and a job moves from one to the other")
  func categories() throws {
    let caller = try Caller()
    let short = try caller.job(Payload.mssql)
    let long = try caller.job(Payload.oracle)
    #expect(Set(try caller.list(query(.active)).jobs.map(\.jobId)) == [short, long])
    #expect(try caller.list(query(.finished)).jobs.isEmpty)
    _ = try caller.run(short)
    #expect(try caller.list(query(.active)).jobs.map(\.jobId) == [long])
    #expect(try caller.list(query(.finished)).jobs.map(\.jobId) == [short])
    #expect(try caller.list(query(.all)).jobs.map(\.jobId) == [long, short])
  }

  @Test("Only what finished within the time asked for is listed")
  func lookup() throws {
    let caller = try Caller()
    let id = try caller.job(Payload.mssql)
    _ = try caller.run(id)
    caller.clock.advance(by: .seconds(100))
    #expect(try caller.list(query(.finished, within: 99)).jobs.isEmpty)
    #expect(try caller.list(query(.finished, within: 101)).jobs.count == 1)
  }

  @Test("Pages show all jobs once, in the order of their ids")
  func paging() throws {
    let caller = try Caller()
    let ids = try (0..<25).map { try caller.job(Payload.dynamodb(2000 + $0)) }
    var seen: [Int64] = []
    var query = query(.active)
    query.sortDirection = .ascending
    query.limit = 10
    while true {
      query.offset = Int64(seen.count)
      let page = try caller.list(query)
      #expect(page.totalRecordsWithoutPaging == 25)
      if page.jobs.isEmpty { break }
      seen += page.jobs.map(\.jobId)
    }
    #expect(seen == ids)
  }

  @Test("Lists narrow down by status, client and subclient")
  func filters() throws {
    let caller = try Caller(faults: "rds:pending=1h")
    let pending = try caller.job(Payload.rds("orders"))
    let running = try caller.job(Payload.mssql)
    caller.clock.advance(by: .seconds(40))
    var byStatus = query(.active)
    byStatus.statuses = [.pending]
    #expect(try caller.list(byStatus).jobs.map(\.jobId) == [pending])
    var byClient = query(.active)
    byClient.clientIds = [23]
    #expect(try caller.list(byClient).jobs.map(\.jobId) == [running])
    var bySubclient = query(.active)
    bySubclient.entity = JobQuery.Entity(subclientId: 1201)
    #expect(try caller.list(bySubclient).jobs.map(\.jobId) == [pending])
  }

  @Test("An unknown job is an empty list")
  func unknown() throws {
    #expect(try Caller().summary(1) == nil)
  }
}
