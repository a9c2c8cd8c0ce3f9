public import Clock
import HTTPTypes

extension CommandCenter {
  /// When the last of `count` submits, behind those that wait already, would be sent under the limits that are
  /// known.
  public func departure(ofLast count: Int) -> Moment {
    budget.departure(ofLast: count, at: clock.now)
  }

  /// The limits that are known, those that the server has told included.
  public var limits: RateLimits { budget.limits }

  /// How many requests wait for their turn.
  public var waitingRequests: Int { budget.waiting }

  /// Waits for a turn under the server's limits.
  ///
  /// - Parameter latest: a moment after which nobody wants it any more.
  func admit(_ kind: RateBudget.Kind, latest: Moment? = nil) async throws(CommandCenterError) {
    if let latest, clock.now > latest { throw .tooLate }
    if budget.admit(kind, at: clock.now) { return }
    let number = budget.enqueue(kind)
    keepTokenAlive()
    if kind == .write { planForecast() }
    let alarm = latest.map { setAlarm(number, after: $0) }
    let isGranted = await withTaskCancellationHandler {
      await clock.park { wake in
        budgetWaiters[number] = wake
        planGrant()
      }
    } onCancel: {
      clock.hold()
      Task(executorPreference: taskExecutor) {
        await self.withdraw(number)
        self.clock.release()
      }
    }
    if let alarm { clock.cancel(alarm) }
    guard isGranted else {
      if let latest, clock.now > latest, !Task.isCancelled { throw .tooLate }
      throw .cancelled
    }
  }

  /// Waits, but in no line, until the server takes something that writes: others wait for this.
  func admitAhead() async throws(CommandCenterError) {
    if let moment = budget.closedUntil(.write), clock.now < moment {
      try await pause(for: moment - clock.now)
    }
    budget.note(.write, at: clock.now)
  }

  /// Looks a little later at how long the line has become: many branches submit at once.
  private func planForecast() {
    guard forecast.plan() else { return }
    clock.schedule(at: clock.now + Forecast.patience) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: taskExecutor) {
        await self.tellForecast()
        self.clock.release()
      }
    }
  }

  private func tellForecast() {
    let waiting = budget.waiting(.write)
    let last = budget.departure(ofLast: 0, at: clock.now)
    if forecast.isWorthTelling(waiting: waiting, last: last, now: clock.now) {
      observer(.delayed(waiting: waiting, last: last, limit: budget.limits.writes))
    }
  }

  /// Takes a request out of its line when `latest` has passed.
  private func setAlarm(_ number: Int, after latest: Moment) -> TimerID {
    clock.schedule(at: latest + .nanoseconds(1)) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: taskExecutor) {
        await self.withdraw(number)
        self.clock.release()
      }
    }
  }

  private func withdraw(_ number: Int) {
    budget.withdraw(number)
    budgetWaiters.removeValue(forKey: number)?(false)
    planGrant()
  }

  private func grant() {
    budgetTimer = nil
    for number in budget.grant(at: clock.now) { budgetWaiters.removeValue(forKey: number)?(true) }
    planGrant()
  }

  /// Sets the timer for the next in line.
  private func planGrant() {
    let next = budget.nextGrant(at: clock.now)
    if let timer = budgetTimer {
      if let next, timer.deadline <= next { return }
      // One that has fired already is on its way to `grant`.
      guard clock.cancel(timer.id) else { return }
      budgetTimer = nil
    }
    guard let next else { return }
    let id = clock.schedule(at: next) { [self] in
      // The clock holds for what fires until it is released.
      Task(executorPreference: taskExecutor) {
        await self.grant()
        self.clock.release()
      }
    }
    budgetTimer = (id, next)
  }
}

extension RateBudget.Kind {
  /// What a request counts as.
  init(_ method: HTTPRequest.Method, _ path: String) {
    let name = path.prefix { $0 != "?" }.lowercased()
    switch (method, name) {
    case (.get, _), (.head, _), (.post, "/jobdetails"): self = .read
    case (.post, "/jobs"): self = .list
    default: self = .write
    }
  }
}
