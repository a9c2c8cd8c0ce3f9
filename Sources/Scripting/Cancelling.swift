import LuaVM

extension Session {
  /// What a cancelled branch has for its clean-up before it is ended by force.
  static let grace: Duration = .seconds(60)

  /// Cancels a branch: its wait raises, its clean-up runs and may wait. One that does not end within the
  /// grace is ended from outside.
  func cancel(_ branch: Branch, _ reason: LuaFailure) {
    guard !branch.hasEnded, branch.cancellation == nil else { return }
    core.cancel(branch, reason)
    let clock = clock
    let alarm = Alarm()
    let mailbox = core.mailbox
    let kept = Keep(branch)
    alarm.set(clock, after: Self.grace) {
      mailbox.post { core in core.kill(kept.value) }
    }
    core.whenEnded(branch) { _, _ in alarm.cancel(clock) }
  }
}
