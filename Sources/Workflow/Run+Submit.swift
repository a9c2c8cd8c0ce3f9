internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal

extension Run {
  /// Sends one backup. What the server or the network says becomes the attempt's outcome. Called with a hold on
  /// the clock.
  ///
  /// It waits until the run's window opens; where that is over, the outcome is skipped, and nothing is on record.
  /// With a journal: intent on disk, `POST`, ids on disk, result on disk; each before the next. A submit that is
  /// on record is not sent again.
  ///
  /// - Throws: where going on could lose or double a backup; nothing was sent.
  public func submit(_ request: BackupRequest) async throws(RunStop) -> Backup {
    guard let ledger else { return try await submitWithoutRecord(request) }
    if let failure = ledger.failure { throw .journal(failure) }
    let hash = ContentHash.of(request.payload)
    let key = ledger.nextKey(request.stepName, argumentsHash: hash)
    if let record = try ledger.replay(key, argumentsHash: hash, place: request.place) {
      bounds.countSubmit()
      return try await replay(
        record, request, SubmitStep(ledger: ledger, key: key, server: record.server ?? ""))
    }
    if request.onlyReplays {
      // Its branch lost a race in an earlier life of the run, and is about to be cancelled.
      await request.withdrawal?.happened(clock)
      throw .withdrawn
    }
    try ledger.refuseSecond(key, place: request.place)
    var request = request
    if let why = await forbidden(&request, isFirst: true) { return skipped(request, why) }
    let server: String
    do throws(CommandCenterError) {
      server = try await request.center.identity()
    } catch {
      // Nothing was sent and nothing is on record: a resume tries anew.
      let backup = newBackup(request)
      end(backup, Outcome(error.kind), error.description)
      return backup
    }
    try ledger.requireServer(server, of: key)
    if !request.isWanted() { return skipped(request, BackupRequest.withdrawn) }
    let step = SubmitStep(ledger: ledger, key: key, server: server)
    let limit = request.limits.countsPools ? request.limits[.total].map { clock.now + $0.after } : nil
    let intent = { @Sendable [clock, place = request.place] (attempt: Journal.Attempt) in
      [
        Change.begin(
          NewStep(
            key: key, kind: .submit, argumentsHash: hash, place: place, startedAt: clock.now,
            attempt: attempt, server: server))
      ]
    }
    func attempt() -> Journal.Attempt {
      let latest = [request.latest, limit].compactMap(\.self).min()
      return step.attempt(1, latest: latest ?? clock.now + SubmitStep.patience)
    }
    var first = attempt()
    if request.pools.isEmpty {
      try await ledger.write(intent(first))
      let backup = newBackup(request, step)
      await send(backup, request, step, first)
      return backup
    }
    let backup = newBackup(request, step)
    while true {
      let end = await permits(for: backup, request, step, latest: first.sendBefore) { [first] in intent(first)
      }
      if case .tooLate = end, isLate(request) {
        guard await waitsAnew(backup, &request) else { return backup }
        first = attempt()
        continue
      }
      guard try await takes(end, backup, request) else { return backup }
      await send(backup, request, step, first)
      return backup
    }
  }

  // MARK: the run's own rules

  /// Waits until the run's own rules let a backup be sent, and notes until when they do; why they never will.
  func forbidden(_ request: inout BackupRequest, isFirst: Bool = false) async -> String? {
    switch await admission(request, isFirst: isFirst) {
    case .refused(let why): return why
    case .granted(let until):
      request.latest = until
      return nil
    }
  }

  /// A backup that the run's own rules forbid.
  private func skipped(_ request: BackupRequest, _ why: String) -> Backup {
    let backup = newBackup(request)
    end(backup, .skipped, why)
    return backup
  }

  /// Whether the window has closed, or a blackout begun, since a backup was let to be sent.
  func isLate(_ request: BackupRequest) -> Bool { request.latest.map { clock.now > $0 } ?? false }

  /// Whether a backup whose turn in its pools came too late may stand in line once more; it has ended where not.
  private func waitsAnew(_ backup: Backup, _ request: inout BackupRequest) async -> Bool {
    guard let why = await forbidden(&request) else { return true }
    end(backup, .skipped, why)
    return false
  }

  /// Whether a submit goes on after its wait for permits; it has ended where not.
  private func takes(_ end: PoolLine.End, _ backup: Backup, _ request: BackupRequest) async throws(RunStop)
    -> Bool
  {
    let names = request.pools.map(\.name).joined(separator: ", ")
    switch end {
    case .granted:
      backup.begin(at: clock.now)
      if !request.limits.countsPools { backup.ask(at: clock.now) }
      guard request.withdrawal?.hasHappened ?? false else { return true }
      await settle(backup, .skipped, BackupRequest.withdrawn)
    case .tooLate:
      self.end(backup, .skipped, "it was too late when its turn in pool \(names) would have come")
    case .withdrawn: self.end(backup, .skipped, BackupRequest.withdrawn)
    case .stopped(let stop):
      self.end(backup, .skipped, stop.sentence)
      throw stop
    }
    return false
  }

  // MARK: without a journal

  private func submitWithoutRecord(_ request: BackupRequest) async throws(RunStop) -> Backup {
    var request = request
    if let why = await forbidden(&request, isFirst: true) { return skipped(request, why) }
    let backup = newBackup(request)
    while !request.pools.isEmpty {
      let end = await permits(
        for: backup, request, nil,
        latest: request.limits.countsPools ? latest(backup, request) : request.latest)
      if case .tooLate = end, isLate(request) {
        guard await waitsAnew(backup, &request) else { return backup }
        continue
      }
      guard try await takes(end, backup, request) else { return backup }
      break
    }
    await send(backup, request)
    return backup
  }

  func send(_ backup: Backup, _ request: BackupRequest) async {
    tell(.sending(backup.attempt, request))
    var request = request
    var count = BusyCount()
    while true {
      let error: CommandCenterError
      do throws(CommandCenterError) {
        let answer = try await request.center.submit(
          request.payload, latest: latest(backup, request), isWanted: request.isWanted)
        return await accepted(backup, request, answer)
      } catch let failed { error = failed }
      switch await refused(backup, &request, error, count: &count) {
      case .attached: return
      case .again: backup.begin(at: clock.now)
      case .over(let outcome, let reason): return end(backup, outcome, reason)
      }
    }
  }

  /// The last moment at which it may be sent.
  func latest(_ backup: Backup, _ request: BackupRequest) -> Moment? {
    [request.latest, Self.deadline(backup, request)].compactMap(\.self).min()
  }

  /// What comes of a submit that the server has certainly not taken.
  func refused(
    _ backup: Backup, _ request: inout BackupRequest, _ error: CommandCenterError, count: inout BusyCount
  ) async -> BusyAnswer {
    if error.kind == .cancelled, !request.isWanted() { return .over(.skipped, BackupRequest.withdrawn) }
    if let deadline = Self.deadline(backup, request), clock.now > deadline, let limit = request.limits[.total]
    {
      return .over(
        .gaveUp, "\(TimeLimits.Kind.total.sentence(limit.after)), and was not submitted: \(error.description)"
      )
    }
    if error.kind == .busy {
      let answer = await whenBusy(backup, request, error, count: &count)
      guard case .again = answer else { return answer }
    } else if error.kind != .tooLate || !isLate(request) {
      return .over(Outcome(error.kind), error.description)
    }
    // Meanwhile the window may have closed.
    if let why = await forbidden(&request) { return .over(.skipped, why) }
    return .again
  }
}

extension BackupRequest {
  /// What a submit is called in the journal, without its count: `backup.rds:aws-prod/eu-west-1/crm FULL`, or
  /// `…FULL@list` within the step `list`.
  var stepName: String {
    let where_ = commcell == "default" ? "" : "\(commcell)."
    let step = within.map { "@\($0)" } ?? ""
    return "\(where_)backup.\(workload):\(key ?? target) \(levelAsked ?? "-")\(step)"
  }
}

extension Outcome {
  /// What a submit comes to that the Command Center did not take.
  init(_ kind: CommandCenterError.Kind) {
    self =
      switch kind {
      case .busy: .busy
      case .ambiguous, .unintelligible: .ambiguous
      case .unreachable, .notLoggedIn, .cancelled: .unreachable
      case .rejected, .notFound, .rateLimited: .rejected
      case .tooLate: .skipped
      }
  }
}
