import CommandCenterAPI
import Glibc
import SQLite

/// A night that is killed and taken up again, in process and on virtual time. The simulator's state is on disk
/// before it answers.
struct CrashNight {
  /// All five workloads, with branches, a pool, a rescue, a retry, a step, sleeps, a time-out, a race and clean-up.
  static let script = """
    local ladder = require "ladder"
    local two    = { pool = pool{ name = "two", max = 2 } }
    local dynamo = backup.dynamodb:with({ clientName = "aws-prod", instanceName = "DynamoDB" }, two)
    local rds    = backup.rds:with({ clientName = "aws-prod", instanceName = "eu-west-1" }, two)
    local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" } }
    flow.defer(function() log("clean-up") end)
    local function tables()
      local ids = flow.step("list", function() return { 1042, 1043, 1051 } end)
      return flow.map(ids, function(id) return rescue(dynamo, { subclientId = id }) end)
    end
    local function documents()
      local docs = backup.documentdb:with{
        clientName = "aws-prod", instanceName = "DocumentDB", backupLevel = "FULL" }
      flow.retry({ attempts = 2, delay = "30s" }, function() return docs{ subclientName = "sessions" } end)
      flow.race{
        function() flow.sleep("9h") end, function() return docs{ subclientName = "profiles" }:wait() end }
    end
    local function databases()
      flow.sleep("5m")
      local first = flow.timeout("10m", function()
        return backup.mssql{ clientId = 23, instanceId = 231, subclientId = 1402, backupLevel = "FULL" }:wait()
      end)
      return rds{ subclientName = first.ok and "quick" or "slow" }:wait()
    end
    local function export()
      local snaps = flow.map({ "orders", "crm" }, function(name) return rds{ subclientName = name }:wait() end)
      if not snaps.ok then return run.skip("oracle aws-prod/ERP/default", snaps:bad()) end
      return backup.oracle{ clientName = "aws-prod", instanceName = "ERP", backupLevel = "FULL" }:wait()
    end
    flow.all{ tables, documents, databases, export }
    """

  /// What a step does is its own: its backups, its random numbers, its branches, its sleeps.
  static let steps = """
    local rds = backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }
    local function both(names)
      return flow.map(names, function(name)
        local winner = select(2, flow.race{
          function() flow.sleep("20s") end, function() flow.sleep(name == "late" and "2m" or "11s") end })
        return rds{ subclientName = name .. winner }:wait()
      end)
    end
    flow.defer(function() log("clean-up") end)
    flow.step("chance", function() return math.random() end)
    flow.step("first of all", function()
      local good = both{ "late", "soon" }.ok
      return { good = good, inner = flow.step("inner", function() return rds{ subclientName = "twice" }:wait().ok end) }
    end)
    flow.step("no wait", function() rds{ subclientName = "unwaited" } end)
    both{ "soon", "late", "later" }
    rds{ subclientName = "twice" }:wait()
    rds{ subclientName = math.random() < 0.5 and "heads" or "tails" }:wait()
    """

  /// What became of a run: what the server made of it, and what the recap says.
  struct Result: Equatable {
    var jobs: [String]
    var recap: [String]
    var cleanUps: Int
    /// The most jobs of the pool's targets that were there at once: 2, whenever the run died.
    var mostAtOnce: Int
    var code: Int32
  }

  var script = Self.script

  /// As `--faults` has them. Those that go by a count begin anew with each life.
  var faults = "dynamodb/1042:fail,documentdb/sessions:fail"

  /// Further settings of the profile, in Lua.
  var settings = ""

  /// The night without a kill: what it comes to, and the points that it passes.
  func undisturbed() async throws -> (Result, [String]) {
    let folder = try Folder()
    let ending = try await start(folder, ["CVLUA_CRASH_LIST": "\(folder.path)/points"])
    return (try result(ending, folder), try Self.points(folder))
  }

  /// The points that a run passes when it is taken up again after it died at `point`; empty where it did not die.
  func pointsOfResume(after point: String) async throws -> [String] {
    let folder = try Folder()
    guard try await start(folder, ["CVLUA_CRASH_AT": point]).code == 128 + SIGKILL else { return [] }
    _ = try await goOn(folder, ["CVLUA_CRASH_LIST": "\(folder.path)/points"])
    return try Self.points(folder)
  }

  /// Lets the run die at each of the points, one in each life, and then come to its end.
  ///
  /// - Parameter mustDie: whether it is wrong that a later life does not come to its point.
  /// - Returns: what is wrong; nil where nothing is.
  func die(
    at points: [String], _ undisturbed: Result, mustDie: Bool = true
  ) async throws -> String? {
    let folder = try Folder()
    let name = points.joined(separator: ", then ")
    var last = Child.Ending()
    for (index, point) in points.enumerated() {
      let variables = ["CVLUA_CRASH_AT": point]
      last = try await index == 0 ? start(folder, variables) : goOn(folder, variables)
      if last.code == 128 + SIGKILL { continue }
      if mustDie || index == 0 { return "\(name): it did not die at \(point), but ended with \(last.code)" }
      break
    }
    let got = try await end(folder, last, undisturbed)
    return got == undisturbed ? nil : "\(name): \(got), not \(undisturbed)"
  }

  /// Takes a run that died up again, to its end.
  ///
  /// - Parameter last: what the life before printed.
  func end(_ folder: Folder, _ last: Child.Ending, _ undisturbed: Result) async throws -> Result {
    var ending = try await goOn(folder, [:])
    // The run was at its very end: nothing was left to do, and its recap was told.
    if ending.errors.contains("has ended (finished)") {
      ending.errors = last.errors
      ending.code = undisturbed.code
    }
    return try result(ending, folder)
  }

  private func goOn(_ folder: Folder, _ variables: [String: String]) async throws -> Child.Ending {
    let ending = try await cvlua(folder, ["resume", "last", "--journal", "journal.db"], variables)
    let isNew = ["there is no run last", "there is no journal"].contains { ending.errors.contains($0) }
    return isNew ? try await start(folder, variables) : ending
  }

  private static func points(_ folder: Folder) throws -> [String] {
    try File.read("\(folder.path)/points").split(separator: "\n").map(String.init)
  }

  /// - Parameter wrapper: what the program is started by, such as strace and its options.
  func start(
    _ folder: Folder, _ variables: [String: String], by wrapper: [String] = []
  ) async throws -> Child.Ending {
    try folder.write("night.lua", script)
    try folder.write(
      "config.lua",
      "return { prod = { url = \"https://cc.example.com/commandcenter/api\", token = secret.env \"NONE\"\(settings) } }"
    )
    return try await cvlua(
      folder,
      [
        "--simulate", "--at", "2026-11-21T22:00", "--faults", faults, "--state", "simulator.db",
        "--journal", "journal.db", "--config", "config.lua", "night.lua",
      ], variables, by: wrapper)
  }

  private func cvlua(
    _ folder: Folder, _ arguments: [String], _ variables: [String: String], by wrapper: [String] = []
  ) async throws -> Child.Ending {
    let words = wrapper + [Place.cvlua] + arguments
    return try await Child(
      words[0], Array(words.dropFirst()), in: folder.path,
      environment: Place.environment.merging(variables) { $1 }
    ).ending()
  }

  /// Counts jobs as the simulator has them: from their submit to the start of their last state.
  private static func mostAtOnce(_ jobs: [JSONValue]) -> Int {
    var changes: [(at: Int64, by: Int)] = []
    for job in jobs {
      changes.append((job["submitted"]?.int64 ?? 0, 1))
      changes.append((job["segments"]?.array?.last?["start"]?.int64 ?? 0, -1))
    }
    var (now, most) = (0, 0)
    for change in changes.sorted(by: { ($0.at, $0.by) < ($1.at, $1.by) }) {
      now += change.by
      most = max(most, now)
    }
    return most
  }

  func result(_ ending: Child.Ending, _ folder: Folder) throws -> Result {
    let database = try Database("\(folder.path)/simulator.db")
    defer { database.close() }
    let jobs = try database.all("SELECT json FROM record WHERE kind = 'job'") { row in
      let job = try JSONValue(parsing: Array(row.text(0).utf8))
      return "\(job["target"]?.string ?? "?") \(job["asked"]?.string ?? "?")"
    }
    let ofPool = try database.all("SELECT json FROM record WHERE kind = 'job'") { row in
      try JSONValue(parsing: Array(row.text(0).utf8))
    }.filter {
      ["DynamoDB", "eu-west-1"].contains($0["target"]?.string?.split(separator: "/").dropFirst().first ?? "")
    }
    let lines = ending.errors.split(separator: "\n").map(String.init)
    // Times and the order of submits may differ: what is left is who, what, how much and what came of it.
    let recap = lines.filter { $0.hasPrefix("  ") }.map { line in
      line.split(separator: " ").filter { word in
        !(word.first?.isNumber ?? false && "hms".contains(word.last ?? " ")) && Int(word) == nil
      }.joined(separator: " ")
    }
    return Result(
      jobs: jobs.sorted(), recap: recap.sorted(), cleanUps: lines.count { $0.hasSuffix(" clean-up") },
      mostAtOnce: Self.mostAtOnce(ofPool),
      code: ending.code)
  }
}
