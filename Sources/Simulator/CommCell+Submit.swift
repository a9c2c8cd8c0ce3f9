import Clock
import CommandCenterAPI
import HTTPTypes

extension CommCell {
  private struct Target {
    var subclient: Int
    /// What a person calls it.
    var text: String
  }

  /// `POST /createtask`
  mutating func createTask(_ body: [UInt8], at now: Moment) -> Answer {
    guard let request = read(body) else { return .badRequest }
    return submit(request, at: now)
  }

  /// `POST /Subclient/{id}/action/backup?backupLevel=`
  mutating func backUp(_ id: Int64, _ query: Query, at now: Moment) -> Answer {
    guard let subclient = inventory.subclients(id: id).first else { return .noEligibleSubclients }
    let asked = query["backupLevel"] ?? BackupLevel.incremental.rawValue
    guard let level = BackupLevel(named: asked.uppercased()) else { return .badRequest }
    let request = SubmitRequest(
      Association(inventory.association(of: subclient)), inventory.kind(of: subclient), level)
    return submit(request, at: now)
  }

  private mutating func submit(_ request: SubmitRequest, at now: Moment) -> Answer {
    var targets: [Target] = []
    for association in request.associations {
      let found = inventory.resolve(association)
      if found.isEmpty {
        guard settings.inventoryGrows else { return .noEligibleSubclients }
        targets.append(Target(subclient: inventory.invent(association, request.kind), text: association.text))
      } else {
        // One association may mean several subclients, which it does not name then.
        targets += found.map {
          Target(subclient: $0, text: found.count == 1 ? association.text : inventory.path(of: $0))
        }
      }
    }
    lastTaskId += 1
    if request.isSchedule { return Self.accepted(taskId: lastTaskId, jobIds: []) }

    let faultsOfTargets = targets.map { faults.next($0.subclient, in: inventory) }
    if faultsOfTargets.contains(where: { $0.contains(.reject) }) { return .noEligibleSubclients }
    let level = request.level ?? .full
    for (target, faults) in zip(targets, faultsOfTargets) where faults.contains(.busy) {
      if book.activeJob(ofSubclient: target.subclient, at: now) == nil { addForeignJob(target, at: now) }
      return busy(target.subclient)
    }
    if settings.whenBusy == .refuse {
      for target in targets where book.activeJob(ofSubclient: target.subclient, at: now) != nil {
        return busy(target.subclient)
      }
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

  private func read(_ body: [UInt8]) -> SubmitRequest? {
    SubmitRequest(body) { [inventory] in inventory.kind(of: $0) }
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
    _ target: Target, _ asked: BackupLevel, _ request: SubmitRequest, _ faults: [Fault], at now: Moment
  ) {
    let subclient =
      faults.contains(.wrongTarget) ? inventory.neighbour(of: target.subclient) : target.subclient
    // What was asked first of a target may run as full, where the server is set so.
    let isRaised = settings.firstBackupIsFull && !submits.keys.contains { $0.subclient == subclient }
    var level = isRaised ? .full : asked
    if faults.contains(.otherLevel) { level = asked == .full ? .incremental : .full }
    submits[SubmitKey(subclient: subclient, level: asked), default: 0] += 1
    let ordinal = submits[SubmitKey(subclient: subclient, level: asked)] ?? 1
    var hidden = Duration.zero
    for case .hidden(let duration) in faults { hidden = max(hidden, duration) }
    let other = book.activeJob(ofSubclient: subclient, at: now).map { book.jobs[$0] }
    let plan = JobPlan(
      inventory.kind(of: subclient), target: inventory.path(of: subclient), level: level, ordinal: ordinal,
      seed: seed, start: now, queuedUntil: other.map { $0.timeline.end ?? now + .seconds(3600) },
      isSuspended: request.isSuspended, faults: faults)
    book.add(
      SimulatedJob(
        id: book.nextId, taskId: lastTaskId, subclient: subclient, target: target.text, level: level,
        asked: asked, user: settings.user, description: request.description, submitted: now,
        visibleFrom: now + hidden, volume: plan.volume,
        timeline: plan.timeline))
  }

  /// A backup by somebody else, which is why a submit is refused.
  private mutating func addForeignJob(_ target: Target, at now: Moment) {
    let subclient = target.subclient
    lastTaskId += 1
    let plan = JobPlan(
      inventory.kind(of: subclient), target: inventory.path(of: subclient), level: .incremental, ordinal: 0,
      seed: seed, start: now, faults: [])
    book.add(
      SimulatedJob(
        id: book.nextId, taskId: lastTaskId, subclient: subclient, target: target.text, level: .incremental,
        asked: nil, user: "scheduler", description: "", submitted: now, visibleFrom: now, volume: plan.volume,
        timeline: plan.timeline))
  }
}
