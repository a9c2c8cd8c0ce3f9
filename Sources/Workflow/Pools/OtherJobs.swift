internal import CommandCenter
internal import CommandCenterAPI
internal import Synchronization

/// What runs on the Command Centers at one moment, whoever started it: each is asked once.
final class OtherJobs: Sendable {
  private let known = Mutex<[ObjectIdentifier: [JobSummary]]>([:])
  private static let most = 5000

  /// How many jobs run on the clients of `targets`, besides those of the ids `own`.
  func count(
    at center: CommandCenter, _ targets: [Target], besides own: Set<String>
  ) async throws(CommandCenterError) -> Int {
    try await active(center).count { job in
      !own.contains(String(job.jobId))
        && targets.contains { !$0.differs(from: job.subclient, at: .client) }
    }
  }

  private func active(_ center: CommandCenter) async throws(CommandCenterError) -> [JobSummary] {
    let name = ObjectIdentifier(center)
    if let jobs = known.withLock({ $0[name] }) { return jobs }
    var query = JobQuery()
    query.category = .active
    let jobs = try await center.allJobs(query, most: Self.most).filter { !$0.status.isTerminal }
    known.withLock { $0[name] = jobs }
    return jobs
  }
}
