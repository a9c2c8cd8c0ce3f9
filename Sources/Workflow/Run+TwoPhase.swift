internal import Clock
internal import CommandCenter
internal import CommandCenterAPI

/// Jobs that are made suspended and start when their ids are on disk (`two_phase` of a profile): whenever the
/// process dies, there is no job that runs and that nobody knows of.
extension Run {
  /// Starts the jobs of a submit that were made suspended.
  func start(_ jobs: [String], _ request: BackupRequest) async {
    guard request.body != nil else { return }
    for job in jobs.compactMap({ Int64($0) }) { await start(job, request) }
  }

  /// The same for jobs whose submit is long ago: only those that have done nothing yet. What has run and is
  /// suspended was suspended by somebody, who will know why.
  func startAgain(_ jobs: [String], _ request: BackupRequest) async {
    guard request.body != nil else { return }
    for job in jobs.compactMap({ Int64($0) }) where await isUntouched(job, request.center) {
      await start(job, request)
    }
  }

  private func isUntouched(_ id: Int64, _ center: CommandCenter) async -> Bool {
    // New jobs may show late.
    for _ in 1...3 {
      if let job = try? await center.job(id) {
        let isSuspended = [.suspend, .suspendPending, .suspended].contains(job.status)
        return isSuspended && job.percentComplete == 0 && job.sizeOfApplication == 0
      }
      guard (try? await clock.sleep(for: center.settle)) != nil else { return false }
    }
    return false
  }

  private func start(_ job: Int64, _ request: BackupRequest) async {
    while true {
      do throws(CommandCenterError) { return try await request.center.resume(job) } catch {
        // Asking twice does no harm: the second time it is not suspended any more.
        if [.unreachable, .ambiguous, .rateLimited].contains(error.kind),
          (try? await clock.sleep(for: request.center.settle)) != nil
        {
          continue
        }
        return log(
          LogLine(
            level: .error,
            message:
              "job \(job) of \(request.target) was made suspended and does not start: \(error.description)",
            fields: []))
      }
    }
  }
}
