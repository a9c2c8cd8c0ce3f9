import CommandCenterAPI
import Simulator
import Testing
import Workflow

/// On virtual time; counted by the simulator's own list of jobs.
@Suite("A pool")
struct PoolTests {
  private static let tables = """
    local function tables(first, last, options)
      local table = backup.dynamodb:with({ clientName = "aws-prod", instanceName = "DynamoDB" }, options)
      local ids = {}
      for id = first, last do ids[#ids + 1] = id end
      return flow.map(ids, function(id) return table{ subclientId = id }:wait() end)
    end

    """

  private func night(_ script: String, faults: String = "") async throws -> (said: String, Rehearsal) {
    let rehearsal = try await Rehearsal(faults: faults)
    return (await rehearsal.value(Self.tables + script), rehearsal)
  }

  @Test("is never exceeded by forty branches, and is full")
  func forty() async throws {
    let (said, rehearsal) = try await night(
      "return tables(2001, 2040, { pool = pool{ name = \"p\", max = 4 } }).ok")
    #expect(said == "true")
    #expect(rehearsal.simulator.view.jobs.count == 40)
    #expect(rehearsal.simulator.view.mostAtOnce == 4)
    // First come, first served.
    #expect(
      rehearsal.simulator.view.jobs.map(\.target) == (2001...2040).map { "aws-prod/DynamoDB/\($0)" })
  }

  @Test("gives as much as a submit's weight says", arguments: [(1, 5), (2, 2), (3, 1), (5, 1)])
  func weight(_ weight: Int, _ most: Int) async throws {
    let (said, rehearsal) = try await night(
      "return tables(2001, 2012, { pool = pool{ name = \"p\", max = 5, weight = \(weight) } }).ok")
    #expect(said == "true")
    #expect(rehearsal.simulator.view.mostAtOnce == most)
  }

  @Test("and another, given in opposite orders, are no deadlock")
  func opposite() async throws {
    let (said, rehearsal) = try await night(
      """
      local p, q = pool{ name = "p", max = 1 }, pool{ name = "q", max = 1 }
      local r = flow.all{
        function() return tables(2001, 2010, { pool = { p, q } }).ok end,
        function() return tables(3001, 3010, { pool = { q, p } }).ok end,
        function() return tables(4001, 4005, { pool = q }).ok end,
      }
      return tostring(r[1].value and r[2].value and r[3].value)
      """)
    #expect(said == "true")
    #expect(rehearsal.simulator.view.jobs.count == 25)
    #expect(rehearsal.simulator.view.mostAtOnce == 1)
  }

  @Test("keeps to the least that anybody in it was promised")
  func disagreement() async throws {
    let (said, rehearsal) = try await night(
      """
      local r = flow.all{
        function() return tables(2001, 2006, { pool = pool{ name = "p", max = 2 } }).ok end,
        function() return tables(3001, 3006, { pool = pool{ name = "p", max = 6, weight = 2 } }).ok end,
      }
      return tostring(r[1].value and r[2].value)
      """)
    #expect(said == "true")
    #expect(rehearsal.simulator.view.mostAtOnce == 3)
    let early = rehearsal.simulator.view.jobs.prefix(6).map(\.target)
    #expect(early == (2001...2006).map { "aws-prod/DynamoDB/\($0)" })
  }

  @Test("gets back what a submit took that came to nothing")
  func refused() async throws {
    let (said, rehearsal) = try await night(
      "return #tables(2001, 2006, { pool = pool{ name = \"p\", max = 1 } })",
      faults: "dynamodb/2001:reject,dynamodb/2002:fail,dynamodb/2003:busy,dynamodb/2004:failed_to_start")
    #expect(said == "6")
    #expect(rehearsal.run.attempts.last?.outcome == .completed)
  }

  @Test("is left by a branch that is cancelled while it waits, and whoever stood behind moves up")
  func cancelled() async throws {
    let (said, rehearsal) = try await night(
      """
      local one = { pool = pool{ name = "p", max = 1 } }
      local big = flow.spawn(function() tables(2001, 2001, one) end)
      flow.sleep(1)
      local given_up = flow.timeout("1m", function() tables(2002, 2002, { pool = pool{ name = "p", max = 1, weight = 1 } }) end)
      local last = tables(2003, 2003, one)
      return given_up.outcome .. " " .. last[1].outcome
      """)
    #expect(said == "gave_up completed")
    #expect(
      rehearsal.simulator.view.jobs.map(\.target) == ["aws-prod/DynamoDB/2001", "aws-prod/DynamoDB/2003"])
    let skipped = rehearsal.run.attempts.filter { $0.outcome == .skipped }
    #expect(skipped.map(\.reason) == ["its branch was cancelled before it was sent"])
  }

  @Test("is held by a job that runs on after its submit gave up")
  func gaveUp() async throws {
    let (said, rehearsal) = try await night(
      """
      local one = pool{ name = "p", max = 1 }
      local r = flow.all{
        function() return tables(2001, 2001, { pool = one, finish_within = "1m" }) end,
        function() return tables(2002, 2002, { pool = one }) end,
      }
      return r[1].value[1].outcome .. " " .. r[2].value[1].outcome
      """)
    #expect(said == "gave_up completed")
    #expect(rehearsal.simulator.view.mostAtOnce == 1)
  }

  @Test("counts jobs that others started where it is asked to", arguments: [true, false])
  func others(_ counts: Bool) async throws {
    let (said, rehearsal) = try await night(
      """
      local list = commcell():subclients{ client = "aws-prod", instance = "DynamoDB" }
      commcell():request{ method = "POST", path = "/Subclient/" .. list[1].subclientId .. "/action/backup",
        query = { backupLevel = "Full" } }
      return tables(2001, 2010, { pool = pool{ name = "p", max = 3, counts_others = \(counts) } }).ok
      """)
    #expect(said == "true")
    #expect(rehearsal.simulator.view.jobs.count == 11)
    #expect(rehearsal.simulator.view.mostAtOnce == (counts ? 3 : 4))
  }

  @Test(
    "says what is wrong with it",
    arguments: [
      ("pool()", "pool needs a name, such as pool{ name = \"aws-prod\", max = 4 }"),
      ("pool{ name = \"p\" }", "pool p needs a max: how much runs at once, such as max = 4"),
      ("pool{ name = \"p\", max = 0 }", "pool: max must be a number from 1, not 0"),
      ("pool{ name = \"p\", max = 1e9 }", "pool: max is at most 1000000, not 1000000000"),
      ("pool{ name = \"p\", max = 2, weight = 3 }", "pool p: a weight of 3 never fits into a max of 2"),
      ("pool{ nmae = \"p\" }", "pool knows no \"nmae\"; did you mean name?"),
      (
        "pool{ name = \"p\", max = 1 }.mx",
        "a pool has name, max, weight and counts_others, but no \"mx\""
      ),
      (
        "backup.rds:with({}, { pool = \"p\" })",
        "pool must be a pool, such as pool{ name = \"aws-prod\", max = 4 }, not \"p\""
      ),
      (
        "backup.rds:with({}, { pool = { name = \"p\", max = 1 } })",
        "pool must be a pool or a list of pools; this table has the key "
      ),
      (
        "backup.rds:with({}, { pool = { pool{ name = \"p\", max = 1 }, pool{ name = \"p\", max = 1 } } })",
        "pool: p is given twice; give it once, with the weight that it needs"
      ),
    ])
  func mistakes(_ code: String, _ sentence: String) async throws {
    let said = try await Rehearsal().value("return \(code)")
    #expect(said.contains(sentence), "\(said)")
  }
}
