import CommandCenterAPI

/// One page of a job list, of which only the jobs that somebody waits for are decoded.
struct JobListPage {
  var jobs: [JobSummary] = []
  /// How many jobs the page shows in all.
  var count = 0

  /// - Throws: what the server says went wrong, or `.unintelligible`.
  static func decode(
    _ answer: RawAnswer, where isWanted: (Int64) -> Bool
  ) throws(ServerError) -> JobListPage {
    var page = JobListPage()
    var isList = false
    if (200..<300).contains(answer.status) {
      do {
        try JSONReader.read(answer.body) { (reader) throws(JSONError) in
          try reader.members { (reader, key) throws(JSONError) in
            if key == "totalRecordsWithoutPaging" { isList = true }
            guard key == "jobs" else { return try reader.skipValue() }
            isList = true
            try reader.elements { (reader) throws(JSONError) in try page.read(from: &reader, where: isWanted)
            }
          }
        }
      } catch {
        isList = false
      }
    }
    if isList { return page }
    // Something else than usual: an error, or no answer at all.
    let list = try JobList.decode(status: answer.status, body: answer.body)
    return JobListPage(jobs: list.jobs.filter { isWanted($0.jobId) }, count: list.jobs.count)
  }

  private mutating func read(
    from reader: inout JSONReader, where isWanted: (Int64) -> Bool
  ) throws(JSONError) {
    try reader.members { (reader, key) throws(JSONError) in
      guard key == "jobSummary" else { return try reader.skipValue() }
      count += 1
      let text = try reader.rawValue()
      var first = JSONReader(text)
      guard let id = try Self.id(&first), isWanted(id) else { return }
      var second = JSONReader(text)
      jobs.append(try JobSummary(from: &second))
    }
  }

  /// Looks for the id alone, which servers write near the beginning.
  private static func id(_ reader: inout JSONReader) throws(JSONError) -> Int64? {
    guard try reader.peek() == .object else { return nil }
    try reader.beginObject()
    while let key = try reader.nextKey() {
      if key == "jobId" { return try reader.int64() }
      try reader.skipValue()
    }
    return nil
  }
}
