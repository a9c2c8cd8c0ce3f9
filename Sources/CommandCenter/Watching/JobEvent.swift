public import CommandCenterAPI

/// What whoever waits for a job is told.
public enum JobEvent: Sendable {
  /// The job goes on, in another state, phase or percentage than last told. Changes between two looks come
  /// as one.
  case changed(JobSummary)
  /// The job has ended. Nothing more is told of it.
  case ended(JobSummary)
  /// The server has not known the job for minutes, though it answers: it never showed up, or has vanished.
  /// The last that was seen of it, if anything. Nothing more is told of it.
  case lost(JobSummary?)
}

/// Names one watch of a job.
public struct WatchID: Hashable, Sendable {
  let jobId: Int64
  let number: UInt64
}
