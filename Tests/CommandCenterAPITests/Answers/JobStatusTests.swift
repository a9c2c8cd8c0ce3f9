import CommandCenterAPI
import Testing

@Suite("A job's status")
struct JobStatusTests {
  static let all: [(name: String, status: JobStatus, isTerminal: Bool, outcome: Outcome?)] = [
    ("Completed", .completed, true, .completed),
    ("Completed w/ one or more warnings", .completedWithWarnings, true, .warnings),
    ("Completed w/ one or more errors", .completedWithErrors, true, .errors),
    ("Committed", .committed, true, .committed),
    ("Failed", .failed, true, .failed),
    ("Failed to Start", .failedToStart, true, .failedToStart),
    ("Killed", .killed, true, .killed),
    ("Running", .running, false, nil),
    ("Waiting", .waiting, false, nil),
    ("Pending", .pending, false, nil),
    ("Queued", .queued, false, nil),
    ("Suspend", .suspend, false, nil),
    ("Suspended", .suspended, false, nil),
    ("Suspend Pending", .suspendPending, false, nil),
    ("Kill Pending", .killPending, false, nil),
    ("Interrupt Pending", .interruptPending, false, nil),
    ("Interrupted", .interrupted, false, nil),
    ("Running (cannot be verified)", .runningUnverified, false, nil),
    ("Abnormal Terminated Cleanup", .abnormalTerminatedCleanup, false, nil),
  ]

  @Test("is known by its name, and so is whether it is the last", arguments: all)
  func known(name: String, status: JobStatus, isTerminal: Bool, outcome: Outcome?) {
    #expect(JobStatus(name) == status)
    #expect(JobStatus(" \(name.uppercased())") == status)
    #expect(status.name == name)
    #expect(status.isTerminal == isTerminal)
    #expect(Outcome(status) == outcome)
  }

  @Test("is in the list of known ones")
  func list() {
    #expect(JobStatus.known == Self.all.map(\.status))
  }

  @Test("that nobody knows is kept, and taken for no end and no success")
  func unknown() {
    let status = JobStatus("Completed (sort of)")
    #expect(status == .unknown("Completed (sort of)"))
    #expect(status.name == "Completed (sort of)")
    #expect(!status.isTerminal)
    #expect(Outcome(status) == nil)
  }
}
