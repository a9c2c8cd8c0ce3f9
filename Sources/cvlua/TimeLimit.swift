import Clock

extension RunClock {
  /// Waits for `body`, but no longer than so; it goes on where it takes longer. Called with a hold.
  func within(_ time: Duration, _ body: @escaping @Sendable () async -> Void) async {
    let done = OneAnswer<Void>(self)
    hold()
    Task {
      await body()
      done.give(())
      release()
    }
    let timer = schedule(at: now + time) {
      done.give(())
      release()
    }
    await done.value()
    cancel(timer)
  }
}
