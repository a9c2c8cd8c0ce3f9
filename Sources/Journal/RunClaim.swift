/// The right to write for a run. While it lives, no other process can claim the run.
///
/// Keep it for as long as the run is driven; ``release()`` when it has ended.
public final class RunClaim: Sendable {
  public let run: RunID
  /// Goes with each write; a later claim makes it void.
  public let epoch: Int
  /// What the store calls the run.
  let number: Int
  private let lock: HeldLock

  init(run: RunID, epoch: Int, number: Int, lock: HeldLock) {
    self.run = run
    self.epoch = epoch
    self.number = number
    self.lock = lock
  }

  /// Lets others claim the run.
  public func release() { lock.release() }
}

/// The right to be the one process that runs a script, for as long as it lives.
public final class ScriptLock: Sendable {
  /// The script's path, as it was given.
  public let script: String
  private let lock: HeldLock

  init(script: String, lock: HeldLock) {
    self.script = script
    self.lock = lock
  }

  /// Lets others run the script.
  public func release() { lock.release() }
}
