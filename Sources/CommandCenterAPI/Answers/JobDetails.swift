/// The answer of `POST /JobDetails`: what a server tells of one job beyond the summary.
public struct JobDetails: Hashable, Sendable {
  /// `job.jobDetail` as the server has it, its sizes as strings; what it does not know is left out.
  public var detail: JSONValue

  /// What the server writes for a number that it does not know (recorded answers).
  private static let unknown = JSONValue.integer(-999)

  /// The body of the question.
  public static func request(_ jobId: Int64) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("jobId", jobId)
    json.endObject()
    return json.bytes
  }

  /// - Throws: what the server says went wrong, or `.unintelligible`.
  public static func decode(status: Int, body: [UInt8]) throws(ServerError) -> JobDetails {
    if (200..<300).contains(status), let json = try? JSONValue(parsing: body),
      let detail = json["job"]?["jobDetail"], detail.members != nil
    {
      return JobDetails(detail: known(detail))
    }
    throw ServerError.decode(status: status, body: body) ?? .unintelligible(status, body)
  }

  private static func known(_ json: JSONValue) -> JSONValue {
    switch json {
    case .array(let values): .array(values.map(known))
    case .object(let members):
      .object(members.filter { $0.value != unknown }.map { JSONValue.Member($0.name, known($0.value)) })
    default: json
    }
  }
}
