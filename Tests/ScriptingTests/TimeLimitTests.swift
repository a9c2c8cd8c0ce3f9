import Testing

@Suite("A backup that takes too long")
struct TimeLimitTests {
  private static let head = """
    local rds = backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }
    local crm = { subclientName = "crm" }
    local function told(r) return r.outcome .. ": " .. tostring(r.reason) end

    """

  private func said(_ text: String, faults: String = "") async throws -> String {
    try await Rehearsal(faults: faults).value(Self.head + text)
  }

  @Test("is given up and runs on, unless told otherwise")
  func givesUp() async throws {
    let said = try await said(
      """
      local r = rds(crm, { finish_within = "1m" }):wait()
      return told(r) .. "; " .. job(r.jobs[1]):status().status
      """)
    #expect(said == "gave_up: it did not finish within 1m 00s; job 148886 runs on; Running")
  }

  @Test("is killed where the script says so")
  func kills() async throws {
    let said = try await said(
      "return told(rds(crm, { timeout = { after = \"1m\", action = \"kill\" } }):wait())")
    #expect(said == "killed: it was not over within 1m 00s, so this run killed it")
  }

  @Test("is suspended where the script says so, and resumed before it is backed up again")
  func suspends() async throws {
    let said = try await said(
      """
      local first = rds(crm, { finish_within = { after = "1m", action = "suspend" } }):wait()
      local again = rds(crm):wait()
      return told(first) .. "; " .. again.outcome .. " " .. tostring(again.attached) .. " " .. again.jobs[1]
      """)
    #expect(
      said
        == "gave_up: it did not finish within 1m 00s, so this run suspended job 148886; completed true 148886"
    )
  }

  @Test("may wait in the queue only as long as start_within says")
  func starts() async throws {
    let said = try await said(
      "return told(rds(crm, { start_within = \"20m\" }):wait())", faults: "rds:pending=3h")
    #expect(
      said
        == "gave_up: it did not start within 20m 00s (No resources are available for the job.); job 148886 runs on"
    )
    let quick = try await self.said("return told(rds(crm, { start_within = \"2m\" }):wait())")
    #expect(quick == "completed: nil")
  }

  @Test("is given up where nothing of it moves, and only then")
  func progress() async throws {
    let stuck = try await said(
      "return told(rds(crm, { no_progress = \"30m\" }):wait())", faults: "rds:pending=9h")
    #expect(stuck.hasPrefix("gave_up: it made no progress for 30m 00s"))
    let slow = try await said(
      "return told(rds(crm, { no_progress = \"30m\" }):wait())", faults: "rds:slow=9h")
    #expect(slow == "completed: nil")
  }

  @Test("is given up after twelve hours where nothing is said, and never with timeout = false")
  func usual() async throws {
    #expect(
      try await said("return told(rds(crm):wait())", faults: "rds:slow=20h")
        == "gave_up: it was not over within 12h 00m; job 148886 runs on")
    for off in ["false", "json.null"] {
      #expect(
        try await said("return told(rds(crm, { timeout = \(off) }):wait())", faults: "rds:slow=20h")
          == "completed: nil")
    }
  }

  @Test("options that make no sense are refused by name")
  func mistakes() async throws {
    let mistakes = [
      "timeout = \"soon\"":
        "timeout must be a duration such as \"90m\" or \"6h\", or false for none, not \"soon\"",
      "finish_within = { action = \"kill\" }":
        "finish_within needs after, such as { after = \"6h\", action = \"kill\" }",
      "timeout = { after = 5, action = \"shoot\" }":
        "timeout.action must be \"give_up\", \"suspend\" or \"kill\", not \"shoot\"",
      "on_busy = \"queue\"": "on_busy must be \"attach\", \"wait\" or \"fail\", not \"queue\"",
      "finnish_within = 5": "backup.rds knows no option \"finnish_within\"; did you mean finish_within?",
    ]
    for (option, sentence) in mistakes {
      #expect(try await said("rds(crm, { \(option) })").hasSuffix(sentence), "\(option)")
    }
  }
}

@Suite("A target that is being backed up already")
struct BusyTests {
  private func said(_ options: String, _ level: String) async throws -> String {
    // Somebody's incremental runs when the first submit comes.
    try await Rehearsal(faults: "dynamodb:busy@1").value(
      """
      local r = backup.dynamodb({ clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042,
        backupLevel = "\(level)" }, { \(options) }):wait()
      return r.outcome .. " " .. tostring(r.attached) .. " " .. tostring(r.level_run) .. " " .. tostring(r.jobs[1])
      """)
  }

  @Test("does for a backup that asks for no more")
  func attaches() async throws {
    #expect(try await said("", "INCREMENTAL") == "completed true INCREMENTAL 148886")
  }

  @Test("is waited for where it holds less than what is asked")
  func waits() async throws {
    #expect(try await said("", "FULL") == "completed nil FULL 148887")
    #expect(try await said("on_busy = \"wait\"", "INCREMENTAL") == "completed nil INCREMENTAL 148887")
  }

  @Test("is left alone where the script says so")
  func options() async throws {
    #expect(try await said("on_busy = \"fail\"", "INCREMENTAL") == "busy nil nil nil")
    #expect(try await said("on_busy = \"attach\"", "FULL") == "completed true INCREMENTAL 148886")
    #expect(try await said("on_busy = \"wait\", timeout = \"1m\"", "FULL") == "busy nil nil nil")
  }
}
