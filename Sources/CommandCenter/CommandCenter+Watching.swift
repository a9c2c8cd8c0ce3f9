public import Clock
import CommandCenterAPI
import HTTPTypes

extension CommandCenter {
  /// Has a job watched until it ends. Whoever waits shares one watcher, which asks once for all of them, and
  /// nothing while nobody waits. It never gives up because the server cannot be reached.
  ///
  /// - Parameters:
  ///   - submitted: when the job was made. Nil has it asked for by its id at once, as it may have ended long
  ///     ago.
  ///   - progressEvery: how often to look for changes; nil for about every ten minutes. Each such look lists
  ///     all active jobs.
  ///   - handler: is called on this client's executor. The watcher holds the clock meanwhile: who goes on
  ///     with something because of it takes a hold before it returns.
  public func watch(
    _ jobId: Int64, submitted: Moment? = nil, progressEvery: Duration? = nil,
    _ handler: @escaping @Sendable (JobEvent) -> Void
  ) -> WatchID {
    lastWatch += 1
    let id = WatchID(jobId: jobId, number: lastWatch)
    handlers[jobId, default: []].append(Watch(id: id, progressEvery: progressEvery, handler: handler))
    let last = watcher.watch(jobId, submitted: submitted, progress: progressEvery, now: clock.now)
    if let last { handler(.changed(last)) }
    replan()
    return id
  }

  /// Ends a watch. Its handler is not called any more.
  public func unwatch(_ id: WatchID) {
    guard var watches = handlers[id.jobId], let index = watches.firstIndex(where: { $0.id == id }) else {
      return
    }
    let watch = watches.remove(at: index)
    handlers[id.jobId] = watches.isEmpty ? nil : watches
    watcher.unwatch(id.jobId, progress: watch.progressEvery)
    replan()
  }

  /// The watcher has something else to do, or earlier: starts it, or wakes it where it naps too long.
  func replan() {
    let next = watcher.nextLook
    if let nap {
      guard next.map({ $0 < nap.deadline }) ?? true, clock.cancel(nap.timer) else { return }
      self.nap = nil
      clock.hold()
      nap.continuation.resume()
    } else if !isWatching, next != nil {
      isWatching = true
      clock.hold()
      Task(executorPreference: taskExecutor) {
        await self.watchJobs()
        self.clock.release()
      }
    }
  }

  private func watchJobs() async {
    while let next = watcher.nextLook {
      if next > clock.now {
        await nap(until: next)
        // On a clock that jumps the nap may be over at once: whoever else waits for this thread has a turn.
        await Task.yield()
      } else {
        await look()
      }
    }
    isWatching = false
  }

  /// Sleeps until `deadline` or until ``replan()`` ends it, without a hold.
  private func nap(until deadline: Moment) async {
    await withCheckedContinuation { continuation in
      let timer = clock.schedule(at: deadline) { continuation.resume() }
      nap = Nap(deadline: deadline, timer: timer, continuation: continuation)
      clock.release()
    }
    nap = nil
  }

  private func look() async {
    let start = clock.now
    var look = watcher.look(now: start)
    let polls = traffic.polls
    var sawEnds = false
    do throws(CommandCenterError) {
      do throws(CommandCenterError) {
        if let since = look.finishedSince {
          let jobs = try await list(.finished, within: start - since)
          sawEnds = deliver(watcher.saw(jobs))
        }
        if look.listsActive {
          let jobs = try await list(.active)
          sawEnds = deliver(watcher.sawAllActive(jobs, start: start)) || sawEnds
        }
      } catch {
        guard Self.saysNoLists(error) else { throw error }
        if watcher.listsAreMissing(look, now: start) {
          observer(
            .warning("The server does not know POST /Jobs: each job is asked for by itself, which is slower.")
          )
        }
        look = watcher.look(now: start)
      }
      for id in look.single {
        let answer = try await exchange(.get, "/Job/\(id)", for: .poll)
        let summary: JobSummary?
        do {
          let list = try JobList.decode(status: answer.status, body: answer.body)
          summary = list.jobs.first { $0.jobId == id }
        } catch {
          // A server may say so of a job that it does not know, or not yet.
          guard error.kind == .notFound else { throw CommandCenterError(error, isHarmless: true) }
          summary = nil
        }
        sawEnds = deliver(watcher.saw(id, summary, now: clock.now)) || sawEnds
      }
      let outage = watcher.finishedLook(
        start: start, now: clock.now, sawEnds: sawEnds, isWithoutLists: look.isWithoutLists,
        spacing: budget.pollSpacing * (traffic.polls - polls))
      if let outage { observer(.outageEnded(outage)) }
    } catch {
      if watcher.failedLook(look, now: clock.now) { observer(.outageBegan(error)) }
    }
  }

  /// Whether a server, or what stands before it, does not know `POST /Jobs` at all.
  private static func saysNoLists(_ error: CommandCenterError) -> Bool {
    [404, 405, 501].contains(error.server?.httpStatus)
  }

  /// How much further back than the last look finished jobs are asked for: servers may list them late.
  private static let margin = Duration.seconds(60)
  /// How many jobs a page of a list shows at most.
  private static let pageSize = 1000

  /// The jobs of a category that somebody waits for.
  private func list(
    _ category: JobQuery.Category, within duration: Duration? = nil
  ) async throws(CommandCenterError) -> [JobSummary] {
    var query = JobQuery()
    query.category = category
    query.limit = Int64(Self.pageSize)
    if let duration { query.completedJobLookupTime = Int64((duration + Self.margin).inSeconds) + 1 }
    var jobs: [JobSummary] = []
    while true {
      let answer = try await exchange(.post, "/Jobs", query.encoded(), for: .poll)
      let page = try Self.read { () throws(ServerError) in
        try JobListPage.decode(answer) { watcher.isWatched($0) }
      }
      jobs += page.jobs
      if page.count < Self.pageSize { return jobs }
      query.offset += Int64(page.count)
    }
  }

  /// Calls the handlers.
  ///
  /// - Returns: whether any job has ended.
  private func deliver(_ events: [WatcherState.Event]) -> Bool {
    var sawEnds = false
    for event in events {
      var isOver = true
      if case .changed(let summary) = event.event {
        isOver = false
        if event.isUnknownStatus {
          observer(.unknownStatus(jobId: event.jobId, status: summary.status.name))
        }
      }
      sawEnds = sawEnds || isOver
      let watches = isOver ? handlers.removeValue(forKey: event.jobId) : handlers[event.jobId]
      for watch in watches ?? [] { watch.handler(event.event) }
    }
    return sawEnds
  }
}

/// One who waits for a job.
struct Watch {
  let id: WatchID
  let progressEvery: Duration?
  let handler: @Sendable (JobEvent) -> Void
}
