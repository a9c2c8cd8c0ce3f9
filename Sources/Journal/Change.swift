public import Clock

/// Something that a run writes down. Those given together are on disk together or not at all.
public enum Change: Hashable, Sendable {
  /// A step begins: ``StepState/intent``. A key that the run has already is refused.
  case begin(NewStep)
  /// A submit is about to be sent again. The attempt before stays on record.
  case sendAgain(step: String, Attempt)
  /// The Command Center took a submit, or its jobs were found: they are this step's from now on.
  /// A job that another step has is refused.
  case submitted(step: String, task: String?, jobs: [Job], note: String? = nil)
  /// Somebody says which jobs are this step's. Those that it had are not any more; they stay on record. A job that
  /// another step has is refused.
  case adopted(step: String, jobs: [Job], note: String, at: Moment)
  /// A step comes to an end, or to where it cannot go on. What is `done` stays so.
  case settle(step: String, StepState, result: [UInt8]? = nil, note: String? = nil, at: Moment)
  /// A job, of whichever run, was seen to have ended. Its permits are free once its step is over and none
  /// of the step's jobs runs.
  case jobEnded(Job, at: Moment)
  /// A branch no longer waits for the permits of `step`, or has no use for those it got.
  case withdraw(step: String, at: Moment)
  /// A module that was required after the start.
  case source(Source)
  /// Something to be told to somebody. A key that the run has already changes nothing: told once.
  case message(NewMessage)
  /// Something that the script's next runs should know; it takes the place of what had that name.
  case remember(String, [UInt8], at: Moment)
  /// The run comes to another state. At an end it gives back its places in queues, and the permits of
  /// steps without a job that still runs.
  case run(RunState, exitCode: Int? = nil, at: Moment)
}
