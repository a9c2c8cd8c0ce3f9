import CommandCenter
import CommandCenterAPI
import LuaVM

/// A Command Center as a script holds it.
public final class Commcell {
  /// What the run's own Command Center is called in results and reports.
  public static let defaultName = "default"

  let name: String?
  let center: CommandCenter
  private var backup: LuaReference?

  init(_ name: String?, _ center: CommandCenter) {
    self.name = name
    self.center = center
  }

  static let shape = APIShape(
    "commcell", .object, "A Command Center.",
    [
      .init("backup", "backup", "its workloads"),
      .init("name", "string", "what the script called it; \"default\" for the run's own"),
    ])

  static var entries: [APIEntry] { lookupEntries + jobEntries + [requestEntry] }

  static func fill(_ stack: Stack) {
    var methods: [String: HostFunctionNumber] = [:]
    for (name, body) in entries.methods { methods[name] = stack.core.register("commcell:\(name)", body) }
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      let session = Session.of(call)
      let commcell = try call.receiver(session.types.commcell, "commcell")
      switch call.string(2) {
      case "name": call.push(commcell.name ?? defaultName)
      case "backup": commcell.pushBackup(call)
      case let name:
        guard let method = name.flatMap({ methods[$0] }) else {
          let names = shape.names + methods.keys.sorted()
          let hint = didYouMean(name ?? "", among: names).map { "; did you mean \($0)?" }
          throw .argument(
            "a commcell has no \(call.quoted(2))\(hint ?? "; it has \(names.joined(separator: ", "))")")
        }
        call.push(method)
      }
      return .values(1)
    }
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      let commcell = try call.receiver(Session.of(call).types.commcell, "commcell")
      call.push("commcell \(commcell.name ?? defaultName)")
      return .values(1)
    }
  }

  /// Pushes its workloads.
  func pushBackup(_ stack: Stack) {
    let workloads: LuaReference
    if let backup {
      workloads = backup
    } else {
      BackupModule.pushTable(Session.of(stack), stack, commcell: name)
      workloads = stack.popReference()
      backup = workloads
    }
    stack.push(workloads)
  }

  /// The object that a method was called on, and the table of its named arguments.
  static func receive(
    _ call: Stack, _ function: String, _ names: [String]
  ) throws(LuaFailure) -> (Commcell, NamedArguments) {
    let commcell = try call.receiver(Session.of(call).types.commcell, function)
    return (commcell, try NamedArguments(call, 2, function, names))
  }
}

/// The globals `commcell` and `job`.
enum CommcellModule {
  static var entries: [APIEntry] {
    [
      APIEntry(
        "commcell", "(name?: string): commcell",
        """
        Another Command Center, or without a name the run's own: it has `backup`, with all workloads, and the \
        methods below. Bare `backup` and `job` mean the run's own.
        """,
        example: "local eu = commcell \"eu\"  assert(eu.name == \"eu\")"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        let name = call.string(1)
        guard call.isNothing(1) || name?.isEmpty == false else {
          throw .argument("commcell takes the name of a Command Center, or nothing, not \(call.quoted(1))")
        }
        call.push(Commcell(name, try session.center(name, call)), as: session.types.commcell)
        return .values(1)
      },
      APIEntry(
        "job", "(id: integer|string): job",
        "A job of the run's own Command Center: :status(), :details(), :wait(), :pause(), :resume(), :kill().",
        example:
          "local t = backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\", subclientName = \"crm\" }  job(t.jobs[1]):wait()"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        let id = try JobHandle.id(call, 1)
        call.push(JobHandle(id, try session.center(nil, call)), as: session.types.job)
        return .values(1)
      },
    ]
  }
}
