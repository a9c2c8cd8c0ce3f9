public import Clock

/// What a run's own rules say of a submit.
public enum Admission: Sendable {
  /// It may be sent now, and until then where its turn under the server's limits comes later; nil for no end.
  case granted(latest: Moment?)
  /// It is not sent; why. Where a human should know, this has been told.
  case refused(String)
}

extension Run {
  /// The run's window; nil where it has none.
  public var window: Window? { bounds.with { $0.hours?.window } }

  /// Sets the run's window for this night.
  ///
  /// - Returns: false where it has another one already: a run has one.
  public func set(_ window: Window) -> Bool {
    let hours = WindowHours(window, in: night)
    return bounds.with { state in
      if let known = state.hours { return known.window == window }
      state.hours = hours
      return true
    }
  }

  /// The last moment of the window; nil where there is none, or it does not count.
  var windowCloses: Moment? { bounds.rules.submitsLate ? nil : bounds.with { $0.hours?.closes } }

  /// What the run is expected to reach.
  public var expectation: Expectation? { bounds.with { $0.expectation } }

  /// - Returns: false where something else is expected already.
  public func expect(_ expectation: Expectation) -> Bool {
    bounds.with { state in
      if let known = state.expectation { return known == expectation }
      state.expectation = expectation
      return true
    }
  }

  /// Waits until a backup may be sent, or until it is certain that it may not. To be asked before every
  /// `POST /createtask`, and again where its turn came too late. Called with a hold on the clock.
  ///
  /// - Parameter isFirst: false where this backup was granted before, and so is counted already.
  public func admission(
    _ request: BackupRequest, isFirst: Bool = true
  ) async -> Admission {
    if bounds.with({ $0.isOver }) { return .refused("the run is over") }
    let (name, withdrawal) = (request.name, request.withdrawal)
    if isFirst, !bounds.takeSubmit() {
      let message = "--max-submits \(bounds.rules.maxSubmits ?? 0) is reached"
      raise(AttentionReason(.maxSubmits, target: name, message))
      return .refused(message)
    }
    let refusal: String
    while true {
      if withdrawal?.hasHappened ?? false {
        refusal = "its branch was cancelled before it was sent"
        break
      }
      guard let hours = bounds.with({ $0.hours }) else { return .granted(latest: nil) }
      let now = clock.now
      switch hours.standing(at: now, late: bounds.rules.submitsLate) {
      case .open(let until):
        tellLate(hours, now)
        return .granted(latest: until)
      case .closed(let until, let why):
        tellWait(until: until, why)
        await wait(until: until, withdrawal)
        continue
      case .over(let why):
        tellOver(why)
        raise(AttentionReason(.window, target: name, "not submitted: \(why)"))
        refusal = why
      }
      break
    }
    bounds.giveBackSubmit()
    return .refused(refusal)
  }

  private func wait(until moment: Moment, _ withdrawal: Withdrawal?) async {
    let woken = OneAnswer<Void>(clock)
    let timer = clock.schedule(at: moment) { [clock] in
      woken.give(())
      clock.release()
    }
    withdrawal?.whenHappened { [clock] in
      clock.cancel(timer)
      woken.give(())
    }
    await woken.value()
  }

  // MARK: what the log says, once for all submits

  private func tellWait(until moment: Moment, _ why: String) {
    guard bounds.with({ $0.told.insert(moment).inserted }) else { return }
    let time = CivilTime(moment)
    let until = CivilTime(clock.now).date == time.date ? time.time : "\(time.date) \(time.time)"
    log(LogLine(level: .info, message: "submits wait until \(until): \(why)", fields: []))
  }

  private func tellOver(_ why: String) {
    let isFirst = bounds.with { state in
      defer { state.hasToldOver = true }
      return !state.hasToldOver
    }
    guard isFirst else { return }
    log(LogLine(level: .warning, message: "\(why): what is not submitted yet is skipped", fields: []))
  }

  private func tellLate(_ hours: WindowHours, _ now: Moment) {
    guard bounds.rules.submitsLate, let closes = hours.closes, now > closes,
      let last = hours.window.lastStart
    else { return }
    let isFirst = bounds.with { state in
      defer { state.hasToldLate = true }
      return !state.hasToldLate
    }
    guard isFirst else { return }
    let message = "\(hours.window.text("last_start", last)) has passed; --submit-late submits all the same"
    log(LogLine(level: .warning, message: message, fields: []))
  }
}
