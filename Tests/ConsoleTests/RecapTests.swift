import Clock
import CommandCenterAPI
@testable import Console
import Terminal
import Testing
import Workflow

@Suite("The recap")
struct RecapTests {
  @Test(
    "tells sizes in three digits",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"),
      (12_340_000_000, "12.3 GB"), (99_960_000_000, "100 GB"), (Int64.max, "9.2 EB"),
    ] as [(Int64, String)])
  func sizes(_ bytes: Int64, _ text: String) {
    #expect(Recap.size(bytes) == text)
  }

  /// The line of counts of a run with these attempts, a job each.
  private func counts(_ attempts: [(target: String, outcome: Outcome, job: String, isAttached: Bool)])
    -> String
  {
    let start = Moment(unixSeconds: Int64(1_795_384_800))
    let attempts = attempts.enumerated().map { index, entry -> Attempt in
      var attempt = Attempt(
        number: index + 1, commcell: "default", workload: "rds", target: entry.target, attempt: 1,
        started: start)
      attempt.outcome = entry.outcome
      attempt.isOk = entry.outcome.isOkByDefault
      attempt.isAttached = entry.isAttached
      if !entry.job.isEmpty { (attempt.jobIds, attempt.bytes) = ([entry.job], 1_000_000_000) }
      return attempt
    }
    let report = RunReport(
      isSimulated: true, seed: 1, night: Night(start: start), started: start, finished: start,
      attempts: attempts,
      conclusion: Conclusion(Verdict(attempts), Conclusion.Ending(), branchesFailed: 0),
      isInvented: { _ in false })
    return Recap(report, ErrorOutput()).lines().first { $0.contains(" target") } ?? ""
  }

  @Test("calls a target rescued where an earlier attempt was not good, and no other")
  func rescued() {
    #expect(
      counts([("a", .failed, "1", false), ("a", .completed, "2", false)])
        == "1 target, 2 submits: 1 good (1 rescued) · 1.0 GB")
    #expect(
      counts([("a", .completed, "1", false), ("a", .completed, "2", false)])
        == "1 target, 2 submits: 1 good · 2.0 GB")
  }

  @Test("takes a job that was there before for no submit of the run, and counts each job's size once")
  func attached() {
    #expect(counts([("a", .completed, "1", true)]) == "1 target, 0 submits: 1 good")
    #expect(
      counts([("a", .gaveUp, "1", false), ("a", .completed, "1", true), ("a", .completed, "1", true)])
        == "1 target, 1 submit: 1 good (1 rescued) · 1.0 GB")
  }

  @Test("tells of a later submit that was left out, and counts the target by the one before it")
  func leftOut() {
    #expect(
      counts([("a", .completed, "1", false), ("a", .skipped, "", false)])
        == "1 target, 1 submit: 1 good, 1 submit skipped · 1.0 GB")
    #expect(
      counts([("a", .failed, "1", false), ("a", .skipped, "", false), ("b", .skipped, "", false)])
        == "2 targets, 1 submit: 0 good, 1 not good, 1 skipped, 1 submit skipped")
  }

  @Test("counts many good targets, and lists every one that is not good")
  func long() {
    let start = Moment(unixSeconds: Int64(1_795_384_800))
    let attempts = (1...50).map { index -> Attempt in
      var attempt = Attempt(
        number: index, commcell: "default", workload: index.isMultiple(of: 2) ? "rds" : "dynamodb",
        target: "a/b/\(index)", attempt: 1, started: start)
      attempt.outcome = index == 7 ? .failed : .completed
      attempt.isOk = index != 7
      attempt.finished = start + .seconds(60)
      return attempt
    }
    let conclusion = Conclusion(Verdict(attempts), Conclusion.Ending(), branchesFailed: 0)
    let report = RunReport(
      isSimulated: true, seed: 1, night: Night(start: start), started: start, finished: start + .seconds(60),
      attempts: attempts, conclusion: conclusion, isInvented: { _ in false })
    let lines = Recap(report, ErrorOutput()).lines()
    #expect(
      Array(lines.dropFirst(2)) == [
        "  failed  dynamodb  a/b/7  1m 00s",
        "  completed  24 of dynamodb, 25 of rds",
        "",
        "50 targets, 50 submits: 49 good, 1 not good",
        "exit 2: 1 of 50 targets not good",
      ])
  }
}
