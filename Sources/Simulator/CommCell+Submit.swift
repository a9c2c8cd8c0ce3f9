import Clock
import CommandCenterAPI
import HTTPTypes

extension CommCell {
  /// `POST /createtask`
  mutating func createTask(_ body: [UInt8], at now: Moment) -> Answer {
    guard let json = try? JSONValue(parsing: body), let request = SubmitRequest(json) else {
      return .badRequest
    }
    var targets: [Int] = []
    for association in request.associations {
      let found = inventory.resolve(association)
      if found.isEmpty {
        guard settings.inventoryGrows else { return .noEligibleSubclients }
        targets.append(inventory.invent(association))
      } else {
        targets += found
      }
    }
    lastTaskId += 1
    if request.isSchedule { return Self.accepted(taskId: lastTaskId, jobIds: []) }

    let faultsOfTargets = targets.map { faults.next($0, in: inventory) }
    if faultsOfTargets.contains(where: { $0.contains(.reject) }) { return .noEligibleSubclients }
    let level = request.level ?? .full
    for (target, faults) in zip(targets, faultsOfTargets) where faults.contains(.busy) {
      if book.activeJob(ofSubclient: target, at: now) == nil { addForeignJob(target, at: now) }
      return busy(target)
    }
    if settings.whenBusy == .refuse {
      for target in targets where book.activeJob(ofSubclient: target, at: now) != nil { return busy(target) }
    }
    var ids: [Int64] = []
    for (target, faults) in zip(targets, faultsOfTargets) {
      ids.append(book.nextId)
      addJob(target, level, request, faults, at: now)
    }
    if faultsOfTargets.contains(where: { $0.contains(.garbage) }) {
      return Answer(.ok, Array("<<<< \u{0}\u{1} not what was asked for >>>>".utf8))
    }
    return Self.accepted(taskId: lastTaskId, jobIds: ids)
  }

  private static func accepted(taskId: Int64, jobIds: [Int64]) -> Answer {
    var json = JSONWriter()
    SubmitAnswer(taskId: taskId, jobIds: jobIds.map(String.init)).write(to: &json)
    return Answer(.ok, json.bytes)
  }

  private func busy(_ target: Int) -> Answer {
    let names = inventory.association(of: target)
    let place =
      "client [\(names.clientName)], iDataAgent [\(names.appName)], instance [\(names.instanceName)], "
      + "backup set [\(names.backupsetName)], subclient [\(names.subclientName)]"
    return .error(.ok, 2, "Error 0x10c: Another backup is running for \(place).")
  }

  private mutating func addJob(
    _ target: Int, _ asked: BackupLevel, _ request: SubmitRequest, _ faults: [Fault], at now: Moment
  ) {
    // What was asked first of a target may run as full, where the server is set so.
    let isRaised = settings.firstBackupIsFull && !submits.keys.contains { $0.subclient == target }
    let level = isRaised ? .full : asked
    submits[SubmitKey(subclient: target, level: asked), default: 0] += 1
    let ordinal = submits[SubmitKey(subclient: target, level: asked)] ?? 1
    var hidden = Duration.zero
    for case .hidden(let duration) in faults { hidden = max(hidden, duration) }
    let other = book.activeJob(ofSubclient: target, at: now).map { book.jobs[$0] }
    let plan = JobPlan(
      inventory.kind(of: target), target: inventory.path(of: target), level: level, ordinal: ordinal,
      seed: seed, start: now, queuedUntil: other.map { $0.timeline.end ?? now + .seconds(3600) },
      isSuspended: request.isSuspended, faults: faults)
    book.add(
      SimulatedJob(
        id: book.nextId, taskId: lastTaskId, subclient: target, level: level, user: settings.user,
        description: request.description, submitted: now, visibleFrom: now + hidden, volume: plan.volume,
        timeline: plan.timeline))
  }

  /// A backup by somebody else, which is why a submit is refused.
  private mutating func addForeignJob(_ target: Int, at now: Moment) {
    let plan = JobPlan(
      inventory.kind(of: target), target: inventory.path(of: target), level: .incremental, ordinal: 0,
      seed: seed, start: now, faults: [])
    book.add(
      SimulatedJob(
        id: book.nextId, taskId: lastTaskId, subclient: target, level: .incremental, user: "scheduler",
        description: "", submitted: now, visibleFrom: now, volume: plan.volume, timeline: plan.timeline))
  }
}
