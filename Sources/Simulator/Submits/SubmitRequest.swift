import CommandCenterAPI

/// What the body of `POST /createtask` asks for.
struct SubmitRequest {
  var associations: [Association]
  var isSchedule = false
  /// Nil where the body names none.
  var level: BackupLevel?
  var description = ""
  /// `commonOpts.startUpOpts.startInSuspendedState`.
  var isSuspended = false

  /// - Returns: nil where the body is empty, no JSON, or not of the form of a task.
  init?(_ json: JSONValue) {
    guard let info = json["taskInfo"], let list = info["associations"]?.array, !list.isEmpty,
      list.allSatisfy({ $0.members != nil }), let subTasks = info["subTasks"]?.array,
      let subTask = subTasks.first
    else { return nil }
    associations = list.map { Association($0) }
    let type = info["task"]?["taskType"]
    isSchedule =
      type.map { $0.int64 == TaskType.schedule.number || $0.string == TaskType.schedule.name } ?? false
    let options = subTask["options"]
    if let value = options?["backupOpts"]?["backupLevel"] {
      level = value.string.flatMap(BackupLevel.init(named:)) ?? value.int64.flatMap(BackupLevel.init)
    }
    let common = options?["commonOpts"]
    description = common?["jobDescription"]?.string ?? ""
    isSuspended = common?["startUpOpts"]?["startInSuspendedState"]?.bool ?? false
  }
}
