import Clock
import CommandCenterAPI
import Testing
import Workflow

@Suite("A run's verdict is per target, by its last attempt that was sent")
struct VerdictTests {
  private func attempts(_ outcomes: [(target: String, outcome: Outcome)]) -> [Attempt] {
    outcomes.enumerated().map { index, entry in
      var attempt = Attempt(
        number: index + 1, commcell: "default", workload: "rds", target: entry.target, attempt: 1,
        started: Moment(unixSeconds: Int64(0)))
      attempt.outcome = entry.outcome
      attempt.isOk = entry.outcome.isOkByDefault
      return attempt
    }
  }

  @Test(
    "and gives the exit code",
    arguments: [
      ([], 0),
      ([("a", .completed)], 0),
      ([("a", .completed), ("b", .warnings)], 1),
      ([("a", .failed), ("a", .completed)], 0),
      ([("a", .completed), ("a", .failed), ("b", .completed)], 2),
      ([("a", .failed), ("b", .completed)], 2),
      ([("a", .failed), ("b", .killed)], 3),
      ([("a", .skipped)], 3),
      ([("a", .failedToStart), ("b", .completed)], 4),
      ([("a", .killed), ("b", .completed)], 5),
      ([("a", .unreachable), ("b", .unreachable)], 18),
      ([("a", .unreachable), ("b", .skipped)], 18),
      ([("a", .unreachable), ("b", .completed)], 2),
      ([("a", .ambiguous), ("b", .completed)], 20),
      ([("a", .completed), ("a", .skipped)], 0),
      ([("a", .warnings), ("a", .skipped)], 1),
      ([("a", .completed), ("a", .skipped), ("b", .skipped)], 2),
      ([("a", .killed), ("a", .skipped)], 5),
      ([("a", .ambiguous), ("a", .skipped)], 20),
      ([("a", .skipped), ("a", .completed)], 0),
    ] as [([(String, Outcome)], Int32)])
  func exitCodes(_ outcomes: [(String, Outcome)], _ code: Int32) {
    #expect(Verdict(attempts(outcomes.map { (target: $0.0, outcome: $0.1) })).exitCode == code)
  }

  @Test(
    "What the script returns may only worsen it; os.exit overrides it; a signal and a script's error come first"
  )
  func endings() {
    let good = Verdict(attempts([("a", .completed)]))
    let bad = Verdict(attempts([("a", .failed)]))
    func code(_ verdict: Verdict, branches: Int = 0, _ change: (inout Conclusion.Ending) -> Void) -> Int32 {
      var ending = Conclusion.Ending()
      change(&ending)
      return Conclusion(verdict, ending, branchesFailed: branches).exitCode
    }
    #expect(code(good) { $0.returned = "7" } == 7)
    #expect(code(good) { $0.returned = "false" } == 2)
    #expect(code(good) { $0.returned = "true" } == 0)
    #expect(code(bad) { $0.returned = "0" } == 3)
    #expect(code(bad) { $0.returned = "7" } == 3)
    #expect(code(bad) { $0.exit = 0 } == 0)
    #expect(code(good) { $0.exit = 9 } == 9)
    #expect(code(good, branches: 1) { _ in } == 65)
    #expect(code(good) { $0.scriptFailed = true } == 65)
    #expect(
      code(good) {
        $0.scriptFailed = true
        $0.signal = 2
      } == 130)
  }

  @Test("A later submit that was left out does not make a good target bad, and is told of")
  func leftOut() {
    func sentence(_ outcomes: [(String, Outcome)]) -> String {
      let verdict = Verdict(attempts(outcomes.map { (target: $0.0, outcome: $0.1) }))
      return Conclusion(verdict, Conclusion.Ending(), branchesFailed: 0).sentence
    }
    #expect(
      sentence([("a", .completed), ("a", .skipped)]) == "all targets are good, 1 later submit was left out")
    #expect(
      sentence([("a", .warnings), ("a", .skipped), ("a", .skipped)])
        == "all targets are good, 1 with warnings, 2 later submits were left out")
    #expect(sentence([("a", .skipped), ("a", .completed)]) == "all targets are good")
  }

  @Test("Fewer targets than expected, and none at all, are 2 at least")
  func expectations() {
    func code(_ outcomes: [(String, Outcome)], targets: Int? = nil) -> Int32 {
      Verdict(
        attempts(outcomes.map { (target: $0.0, outcome: $0.1) }),
        expected: targets.map { Expectation(targets: $0) }
      ).exitCode
    }
    #expect(code([("a", .completed)], targets: 1) == 0)
    #expect(code([("a", .completed)], targets: 2) == 2)
    #expect(code([("a", .warnings)], targets: 2) == 2)
    #expect(code([("a", .completed), ("a", .completed)], targets: 2) == 2)
    #expect(code([], targets: 1) == 2)
    // A bad one is one of them; the other codes come first.
    #expect(code([("a", .completed), ("b", .failed)], targets: 2) == 2)
    #expect(code([("a", .killed)], targets: 9) == 5)
    #expect(code([("a", .failed)], targets: 9) == 3)
  }

  @Test("--exit-map changes what the process exits with, and the sentence says so")
  func exitMap() {
    let warnings = Conclusion(
      Verdict(attempts([("a", .warnings)])), Conclusion.Ending(), branchesFailed: 0)
    let mapped = warnings.mapped(by: [1: 0, 3: 1])
    #expect(mapped.exitCode == 0)
    #expect(mapped.ownCode == 1)
    #expect(!mapped.isGood)
    #expect(mapped.sentence == "all targets are good, 1 with warnings (1 by --exit-map)")
    #expect(warnings.mapped(by: [0: 1]) == warnings)
  }
}

@Suite("The night of a run goes from noon to noon")
struct NightTests {
  @Test(arguments: [
    ("2026-11-21T12:00", "2026-11-21", "Saturday"), ("2026-11-21T23:59", "2026-11-21", "Saturday"),
    ("2026-11-22T03:00", "2026-11-21", "Saturday"), ("2026-11-22T11:59:59", "2026-11-21", "Saturday"),
    ("2027-01-01T01:00", "2026-12-31", "Thursday"),
  ])
  func night(_ start: String, _ date: String, _ weekday: String) throws {
    let night = Night(start: try #require(CivilTime.moment(start)))
    #expect(night.date == date)
    #expect(night.weekday == weekday)
  }
}
