/// The answer of `GET /Job/{id}/TaskDetails`: the task that a job belongs to, as it was asked for.
public struct TaskDetails: Hashable, Sendable {
  public var taskId: Int64
  /// The free text of the task, where the server tells it.
  public var jobDescription: String?

  /// - Throws: what the server says went wrong, or `.unintelligible`.
  public static func decode(status: Int, body: [UInt8]) throws(ServerError) -> TaskDetails {
    guard (200..<300).contains(status), let info = (try? JSONValue(parsing: body))?["taskInfo"],
      let taskId = info["task"]?["taskId"]?.int64
    else { throw ServerError.decode(status: status, body: body) ?? .unintelligible(status, body) }
    let texts = (info["subTasks"]?.array ?? []).compactMap {
      $0["options"]?["commonOpts"]?["jobDescription"]?.string
    }
    return TaskDetails(taskId: taskId, jobDescription: texts.first { !$0.isEmpty })
  }
}
