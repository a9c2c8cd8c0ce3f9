import CommandCenterAPI
import LuaVM
import Workflow

/// What a submit gives: a task that can be waited for.
final class BackupTask {
  let backup: Backup

  init(_ backup: Backup) { self.backup = backup }

  static let shape = APIShape(
    "task", .object, "A submit: what a workload gives when it is called.",
    [
      .init(
        "taskId?", "integer", "the server's task; also task_id, as results have it. Nil where none was made"),
      .init("jobs", "string[]", "the ids of its jobs"),
      .init("target", "string", "what is backed up, as the recap names it"),
      .init("workload", "string", "the workload's name"),
    ])

  static var entries: [APIEntry] {
    [
      APIEntry(
        "task:wait", "(): result", waits: true,
        """
        Waits until all jobs of the task have ended; gives a result. The outcome tells how they went; nothing \
        raises.
        """,
        example:
          "local r = backup.rds{ clientName = \"aws-prod\", instanceName = \"eu-west-1\", subclientName = \"crm\" }:wait()  assert(r.outcome == \"completed\")",
        wait)
    ]
  }

  static func fill(_ stack: Stack) {
    let wait = stack.core.register("task:wait", wait)
    stack.addMetamethod("__index") { call throws(LuaFailure) in
      let session = Session.of(call)
      let attempt = try call.receiver(session.types.task, "task").backup.attempt
      switch call.string(2) {
      case "wait": call.push(wait)
      case "taskId", "task_id": call.push(attempt.taskId)
      case "jobs": call.pushJobs(attempt.jobIds)
      case "target": call.push(attempt.target)
      case "workload": call.push(attempt.workload)
      default: throw .argument("a task has wait, \(shape.inventory), but no \(call.quoted(2))")
      }
      return .values(1)
    }
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      let attempt = try call.receiver(Session.of(call).types.task, "task").backup.attempt
      let number = attempt.taskId.map { "task \($0)" } ?? "task that was not accepted"
      call.push("\(number): \(attempt.workload) \(attempt.target)")
      return .values(1)
    }
  }

  static func wait(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let backup = try call.receiver(session.types.task, "task:wait").backup
    let attempt = backup.attempt
    if attempt.outcome != nil {
      session.advance(call.branch, to: attempt.finished ?? attempt.started)
      session.records.pushResult(call, attempt)
      return .values(1)
    }
    let (ticket, reply) = try call.core.suspend(call, isExternal: true)
    let branch = Keep(call.branch)
    backup.whenFinished { attempt in
      ticket.resolve { stack in
        let session = Session.of(stack)
        session.advance(branch.value, to: attempt.finished ?? attempt.started)
        session.records.pushResult(stack, attempt)
        return 1
      }
    }
    return reply
  }
}
