import CommandCenter
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

  static func fill(_ stack: Stack) {
    let job = stack.core.register("commcell:job", job)
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      let session = Session.of(call)
      let commcell = try call.receiver(session.types.commcell, "commcell")
      switch call.string(2) {
      case "name": call.push(commcell.name ?? defaultName)
      case "job": call.push(job)
      case "backup":
        if commcell.backup == nil {
          BackupModule.pushTable(session, call, commcell: commcell.name)
          commcell.backup = call.popReference()
        }
        call.push(commcell.backup!)
      default: throw .argument("a commcell has backup, job and name, but no \(call.quoted(2))")
      }
      return .values(1)
    }
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      let commcell = try call.receiver(Session.of(call).types.commcell, "commcell")
      call.push("commcell \(commcell.name ?? defaultName)")
      return .values(1)
    }
  }

  private static func job(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let commcell = try call.receiver(session.types.commcell, "commcell:job")
    call.push(JobHandle(try JobHandle.id(call, 2), commcell.center), as: session.types.job)
    return .values(1)
  }
}

/// The globals `commcell` and `job`.
enum CommcellModule {
  static func entries(_ session: Session) -> [APIEntry] {
    [
      APIEntry(
        "commcell", "commcell(name) -> commcell",
        """
        Another Command Center: it has `backup`, with all workloads, and `:job(id)`. Bare `backup` and \
        `job` mean the run's own.
        """,
        example: "local eu = commcell \"eu\"  assert(eu.name == \"eu\")"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        guard let name = call.string(1), !name.isEmpty else {
          throw .argument("commcell takes the name of a Command Center, not \(call.quoted(1))")
        }
        call.push(Commcell(name, try session.center(name, call)), as: session.types.commcell)
        return .values(1)
      },
      APIEntry(
        "job", "job(id) -> job",
        "A job of the run's own Command Center: :status(), :wait(), :pause(), :resume(), :kill().",
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
