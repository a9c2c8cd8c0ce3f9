internal import Clock
internal import CommandCenter
internal import CommandCenterAPI
internal import Journal
internal import Synchronization

/// The pools of a run: who waits for them and, without a journal, who has what.
final class Pools: Sendable {
  struct State {
    var permits = LocalPermits()
    /// How much each pool has, as the script has said first.
    var most: [String: Int] = [:]
    /// What has been told of already: one line for all who wait.
    var told: Set<String> = []
    /// Command Centers of those who have waited, by their own identity.
    var centers: [String: CommandCenter] = [:]
    /// When the jobs of the dead were last looked after.
    var lastCare: Moment?
  }

  private let state = Mutex(State())
  let line: PoolLine

  init(_ clock: any RunClock, _ executor: (any TaskExecutor)?) {
    line = PoolLine(clock: clock, executor: executor)
  }

  func with<Value>(_ body: (inout sending State) -> sending Value) -> sending Value { state.withLock(body) }
}

extension Run {
  /// Other processes free pools without telling.
  private static let lookPeriod = Duration.seconds(3)
  /// A simulated run is alone in its pools, and counting others' jobs costs requests.
  private static let slowPeriod = Duration.seconds(30)
  /// How often jobs of processes that are gone are looked after.
  private static let carePeriod = Duration.seconds(15)

  /// How long until a look whether others have freed something; nil where nobody else can.
  private func lookPeriod(_ request: BackupRequest) -> Duration? {
    if request.pools.contains(where: \.countsOthers) { return Self.slowPeriod }
    return ledger.map { $0.isSimulated ? Self.slowPeriod : Self.lookPeriod }
  }

  /// Waits until a submit has its share of all its pools. Called with a hold on the clock.
  ///
  /// - Parameters:
  ///   - latest: a moment after which it is not worth having.
  ///   - intent: written down together with the permits; nil without a journal.
  func permits(
    for backup: Backup, _ request: BackupRequest, _ step: SubmitStep?, latest: Moment?,
    intent: @escaping @Sendable () -> [Change] = { [] }
  ) async -> PoolLine.End {
    let name = step?.key ?? "\(backup.attempt.number)"
    remember(request, step)
    let place = PoolLine.Place(
      pools: Set(request.pools.map(journalName(of:))),
      ask: { [self] others async throws(RunStop) in
        let shares = await shares(request, step, others)
        guard let step else { return pools.with { $0.permits.request(name, shares) } }
        return try await step.ledger.request(
          PermitRequest(step: name, shares: shares, at: clock.now), writing: intent())
      },
      leave: { [self] in
        guard let step else { return pools.with { _ = $0.permits.free(name) } }
        // What fails here the end of the run gives back.
        _ = try? await step.ledger.write([.withdraw(step: name, at: clock.now)])
      },
      latest: latest, period: lookPeriod(request), beforeLook: { [self] in await lookAfterOthers($0) })
    return await pools.line.enter(place, withdrawal: request.withdrawal) { wait in
      if request.pools.contains(where: \.countsOthers) { pools.line.freed() }
      tellWait(wait, request)
      tell(.waiting(backup.attempt, "for pool \(poolName(wait, request))"))
    }
  }

  /// What the journal calls a pool: a simulated run shares none with others.
  private func journalName(of pool: Pool) -> String {
    guard let ledger, ledger.isSimulated else { return pool.name }
    return "\(pool.name) (simulated by \(ledger.run))"
  }

  private func shares(
    _ request: BackupRequest, _ step: SubmitStep?, _ others: OtherJobs?
  ) async -> [PoolShare] {
    var shares: [PoolShare] = []
    for pool in request.pools {
      var share = PoolShare(pool: journalName(of: pool), weight: pool.weight, max: pool.max)
      if pool.countsOthers {
        // Until they are counted, there may be as many as there is room for.
        share.outside = pool.max
        if let others, let count = await outside(share.pool, request, step, others) { share.outside = count }
      }
      shares.append(share)
    }
    return shares
  }

  /// How many jobs run on the request's clients without a permit of the pool; nil where that is not known.
  private func outside(
    _ pool: String, _ request: BackupRequest, _ step: SubmitStep?, _ others: OtherJobs
  ) async -> Int? {
    do {
      var own: Set<String> = []
      if let step {
        for permit in try await step.ledger.store.permits(inPool: pool) where permit.grantedAt != nil {
          own.formUnion(permit.jobs.filter { $0.server == step.server }.map(\.id))
        }
      } else {
        for attempt in attempts where attempt.commcell == request.commcell { own.formUnion(attempt.jobIds) }
      }
      return try await others.count(at: request.center, request.targets, besides: own)
    } catch {
      tellOnce(
        "others \(pool)", .warning, "pool \(pool): how many jobs others run could not be asked: \(error)")
      return nil
    }
  }

  // MARK: giving back

  /// Without a journal: gives back what a backup has, once it is over and none of its jobs runs.
  func freePermits(of backup: Backup) {
    guard backup.step == nil, backup.isWithoutJobs else { return }
    if pools.with({ $0.permits.free("\(backup.attempt.number)") }) { pools.line.freed() }
  }

  // MARK: the jobs of the dead

  /// Sees to jobs whose permits somebody waits for and whose process is gone: nobody else sees them end.
  private func lookAfterOthers(_ pools: Set<String>) async {
    guard let ledger, !ledger.isSimulated, mayCare() else { return }
    let centers = self.pools.with { $0.centers }
    for pool in pools.sorted() {
      guard let permits = try? await ledger.store.permits(inPool: pool) else { continue }
      for permit in permits where permit.grantedAt != nil {
        // A run that lives looks after its own.
        if permit.run != ledger.run, (try? await ledger.store.isAlive(permit.run)) ?? true { continue }
        for job in permit.jobs {
          guard let center = centers[job.server], let id = Int64(job.id) else { continue }
          guard let summary = try? await center.job(id), summary.status.isTerminal else { continue }
          _ = try? await ledger.write([.jobEnded(job, at: clock.now)])
        }
      }
    }
  }

  private func mayCare() -> Bool {
    let now = clock.now
    return pools.with { state in
      if let last = state.lastCare, now - last < Self.carePeriod { return false }
      state.lastCare = now
      return true
    }
  }

  // MARK: what the log says

  private func remember(_ request: BackupRequest, _ step: SubmitStep?) {
    for pool in request.pools {
      let known = pools.with { state in
        if let step { state.centers[step.server] = request.center }
        if state.most[pool.name] == nil { state.most[pool.name] = pool.max }
        return state.most[pool.name] ?? pool.max
      }
      if known != pool.max {
        tellOnce(
          "max \(pool.name)", .warning,
          "the script gives pool \(pool.name) a max of \(known) and of \(pool.max); the least that anybody in it was promised counts"
        )
      }
    }
  }

  private func tellWait(_ wait: PermitWait, _ request: BackupRequest) {
    let name = poolName(wait, request)
    tellOnce(
      "wait \(wait.pool)", .info, "submits wait for pool \(name): \(wait.inUse) of \(wait.max) in use")
  }

  /// As the script calls it.
  private func poolName(_ wait: PermitWait, _ request: BackupRequest) -> String {
    request.pools.first { journalName(of: $0) == wait.pool }?.name ?? wait.pool
  }

  private func tellOnce(_ what: String, _ level: LogLine.Level, _ message: String) {
    guard pools.with({ $0.told.insert(what).inserted }) else { return }
    log(LogLine(level: level, message: message, fields: []))
  }
}
