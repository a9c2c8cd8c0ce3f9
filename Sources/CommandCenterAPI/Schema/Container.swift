/// A nested object of a payload, or a list of such objects.
public struct Container: Hashable, Sendable {
  public enum Shape: Hashable, Sendable {
    /// `"task": {…}`
    case object
    /// `"subTasks": [{…}]`: a list that holds one object here.
    case list
    /// `"associations": [{…}, {…}]`: a list that holds one object for each target. A payload has one.
    case associations
  }

  public let name: String
  /// The name of the container that this one stands in; nil for the outermost.
  public let parent: String?
  public let shape: Shape

  public init(_ name: String, in parent: String?, shape: Shape = .object) {
    self.name = name
    self.parent = parent
    self.shape = shape
  }

  public var isList: Bool { shape != .object }
}

/// The containers that the pages know. A workload names those that it uses, outer ones first.
extension Container {
  public static let taskInfo = Container("taskInfo", in: nil)
  public static let associations = Container("associations", in: "taskInfo", shape: .associations)
  public static let entityInfo = Container("entityInfo", in: "associations")
  public static let task = Container("task", in: "taskInfo")
  public static let subTasks = Container("subTasks", in: "taskInfo", shape: .list)
  public static let subTask = Container("subTask", in: "subTasks")
  public static let options = Container("options", in: "subTasks")
  public static let backupOpts = Container("backupOpts", in: "options")
  public static let oracleOptions = Container("oracleOptions", in: "backupOpts")
  public static let dataOpt = Container("dataOpt", in: "backupOpts")
  public static let commonOpts = Container("commonOpts", in: "options")
  public static let startUpOpts = Container("startUpOpts", in: "commonOpts")
  public static let adminOpts = Container("adminOpts", in: "options")
  public static let clientInstallOption = Container("clientInstallOption", in: "adminOpts")
  public static let installerOption = Container("installerOption", in: "clientInstallOption")
  public static let user = Container("User", in: "installerOption")

  /// What every workload has: the frame of a task, and the place of the fields that any may carry.
  public static let frame: [Container] = [
    taskInfo, associations, task, subTasks, subTask, options, backupOpts, commonOpts, startUpOpts,
  ]

  /// The way to the user on whose behalf a job runs.
  public static let wayToUser: [Container] = [adminOpts, clientInstallOption, installerOption, user]
}
