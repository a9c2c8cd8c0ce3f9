/// The answer of `GET /Job/{id}` and of `POST /Jobs`.
public struct JobList: Hashable, Sendable {
  /// How many jobs there are in all, those on other pages included.
  public var totalRecordsWithoutPaging: Int64
  public var jobs: [JobSummary]

  public init(totalRecordsWithoutPaging: Int64, jobs: [JobSummary]) {
    self.totalRecordsWithoutPaging = totalRecordsWithoutPaging
    self.jobs = jobs
  }

  /// Writes the answer as a server does.
  public func write(to json: inout JSONWriter) {
    json.beginObject()
    json.member("totalRecordsWithoutPaging", totalRecordsWithoutPaging)
    json.key("jobs")
    json.beginArray()
    for job in jobs {
      json.beginObject()
      json.key("jobSummary")
      job.write(to: &json)
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  /// Decodes the answer to a question for jobs. Right after a submit the list may be empty for a while; a
  /// server that leaves out what is nothing says so by an object without members.
  ///
  /// A job without an id cannot be anyone's and is left out.
  ///
  /// - Throws: what the server says went wrong, or `.unintelligible`.
  public static func decode(status: Int, body: [UInt8]) throws(ServerError) -> JobList {
    var list = JobList(totalRecordsWithoutPaging: 0, jobs: [])
    var mayBeError = !(200..<300).contains(status)
    if !mayBeError {
      do {
        try JSONReader.read(body) { (reader) throws(JSONError) in
          try list.read(from: &reader, &mayBeError)
        }
      } catch {
        throw ServerError.unintelligible(status, body)
      }
    }
    if mayBeError, list.jobs.isEmpty {
      if let error = ServerError.decode(status: status, body: body) { throw error }
      throw ServerError.unintelligible(status, body)
    }
    return list
  }

  /// - Parameter mayBeError: set where the text is no object, or an object of other members only.
  private mutating func read(from reader: inout JSONReader, _ mayBeError: inout Bool) throws(JSONError) {
    var isKnown = false
    var hasMembers = try reader.peek() != .object
    try reader.members { (reader, key) throws(JSONError) in
      hasMembers = true
      switch key {
      case "totalRecordsWithoutPaging":
        isKnown = true
        totalRecordsWithoutPaging = try reader.int64() ?? 0
      case "jobs":
        isKnown = true
        try reader.elements { (reader) throws(JSONError) in
          try reader.members { (reader, key) throws(JSONError) in
            guard key == "jobSummary" else { return try reader.skipValue() }
            let job = try JobSummary(from: &reader)
            if job.jobId > 0 { jobs.append(job) }
          }
        }
      default: try reader.skipValue()
      }
    }
    mayBeError = hasMembers && !isKnown
  }
}
