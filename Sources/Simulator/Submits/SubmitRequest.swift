import CommandCenterAPI

/// What the body of `POST /createtask` asks for.
struct SubmitRequest {
  var associations: [Association]
  /// What the targets are where no inventory tells.
  var kind: Kind
  var isSchedule: Bool
  /// Nil where the body names none.
  var level: BackupLevel?
  var description: String
  var isSuspended: Bool

  private static let reader = PayloadReader()

  /// A backup of one target, now.
  init(_ association: Association, _ kind: Kind, _ level: BackupLevel) {
    associations = [association]
    self.kind = kind
    isSchedule = false
    self.level = level
    description = ""
    isSuspended = false
  }

  /// Checks a body by the schema of its workload. One that no schema fits is taken as it is where its target
  /// is unknown: it may be of a workload that a script has declared.
  ///
  /// - Parameter known: the kind of the target that an association names, where the inventory has it.
  /// - Returns: nil where the body is empty, malformed, or not as its workload's schema wants it.
  init?(_ body: [UInt8], known: @escaping (Association) -> Kind?) {
    var isKnown = false
    do {
      let facts = try Self.reader.read(body) { association in
        let kind = known(Association(association))
        isKnown = kind != nil && kind != .other
        return kind?.rawValue
      }
      self.init(facts)
    } catch PayloadReader.Refusal.notAPayload {
      return nil
    } catch {
      guard !isKnown, let json = try? JSONValue(parsing: body) else { return nil }
      self.init(json)
    }
  }

  private init(_ facts: PayloadFacts) {
    associations = facts.targets.map { Association($0) }
    kind = Kind(rawValue: facts.workload) ?? .other
    isSchedule = facts.taskType == TaskType.schedule.name
    level = facts.level.flatMap(BackupLevel.init(named:))
    description = facts.jobDescription ?? ""
    isSuspended = facts.startInSuspendedState
  }

  private init?(_ json: JSONValue) {
    guard let info = json["taskInfo"], let list = info["associations"]?.array, !list.isEmpty,
      list.allSatisfy({ $0.members != nil }), let subTask = info["subTasks"]?[0], subTask.members != nil
    else { return nil }
    associations = list.map { Association($0) }
    kind = .other
    let type = info["task"]?["taskType"]
    isSchedule = type?.int64 == TaskType.schedule.number || type?.string == TaskType.schedule.name
    let options = subTask["options"]
    let asked = options?["backupOpts"]?["backupLevel"]
    level = asked?.string.flatMap(BackupLevel.init(named:)) ?? asked?.int64.flatMap(BackupLevel.init)
    let common = options?["commonOpts"]
    description = common?["jobDescription"]?.string ?? ""
    isSuspended = common?["startUpOpts"]?["startInSuspendedState"]?.bool ?? false
  }
}
