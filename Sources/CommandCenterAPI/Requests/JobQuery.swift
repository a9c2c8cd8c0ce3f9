/// The body of `POST /Jobs`: which jobs to list. One such call serves every waiter.
public struct JobQuery: Hashable, Sendable {
  public enum Category: Int64, Hashable, Sendable {
    case all = 0
    case active = 1
    case finished = 2
  }

  public enum SortDirection: Int64, Hashable, Sendable {
    case ascending = 0
    case descending = 1
  }

  /// One thing whose jobs are meant, by the narrowest id that is given.
  public struct Entity: Hashable, Sendable {
    public var clientId: Int64?
    public var instanceId: Int64?
    public var backupsetId: Int64?
    public var subclientId: Int64?

    public init(
      clientId: Int64? = nil, instanceId: Int64? = nil, backupsetId: Int64? = nil, subclientId: Int64? = nil
    ) {
      self.clientId = clientId
      self.instanceId = instanceId
      self.backupsetId = backupsetId
      self.subclientId = subclientId
    }
  }

  public var category = Category.all
  public var sortField = "jobId"
  public var sortDirection = SortDirection.descending
  /// How many jobs to leave out before the first.
  public var offset: Int64 = 0
  /// How many jobs to tell of at most.
  public var limit: Int64 = 1000
  /// How far back finished jobs are looked for: seconds.
  public var completedJobLookupTime: Int64 = 24 * 3600
  public var showAgedJobs = false
  /// Only jobs of these clients; empty means all.
  public var clientIds: [Int64] = []
  /// Only jobs of these types, such as `Backup`; empty means all.
  public var jobTypes: [String] = []
  /// Only jobs in these states; empty means all.
  public var statuses: [JobStatus] = []
  public var entity: Entity?

  public init() {}

  /// The body in UTF-8.
  public func encoded() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("scope", 1 as Int64)
    json.member("category", category.rawValue)
    json.key("pagingConfig")
    json.beginObject()
    json.member("sortField", sortField)
    json.member("sortDirection", sortDirection.rawValue)
    json.member("offset", offset)
    json.member("limit", limit)
    json.endObject()
    json.key("jobFilter")
    writeFilter(to: &json)
    json.endObject()
    return json.bytes
  }

  private func writeFilter(to json: inout JSONWriter) {
    json.beginObject()
    json.member("completedJobLookupTime", completedJobLookupTime)
    json.member("showAgedJobs", showAgedJobs)
    if !clientIds.isEmpty {
      json.key("clientList")
      json.beginArray()
      for id in clientIds {
        json.beginObject()
        json.member("clientId", id)
        json.endObject()
      }
      json.endArray()
    }
    if !jobTypes.isEmpty { json.member("jobTypeList", jobTypes) }
    if !statuses.isEmpty { json.member("statusList", statuses.map(\.name)) }
    if let entity {
      json.key("entity")
      json.beginObject()
      if let id = entity.clientId { json.member("clientId", id) }
      if let id = entity.instanceId { json.member("instanceId", id) }
      if let id = entity.backupsetId { json.member("backupsetId", id) }
      if let id = entity.subclientId { json.member("subclientId", id) }
      json.endObject()
    }
    json.endObject()
  }

  /// Reads the body, as a server does: what it leaves out keeps its default.
  ///
  /// - Throws: why it is no JSON object.
  public init(decoding body: [UInt8]) throws(JSONError) {
    let json = try JSONValue(parsing: body)
    guard json.members != nil else { throw JSONError(.unexpectedEnd, at: body.count) }
    if let value = json["category"]?.int64.flatMap(Category.init) { category = value }
    if let paging = json["pagingConfig"] {
      if let value = paging["sortField"]?.string { sortField = value }
      if let value = paging["sortDirection"]?.int64.flatMap(SortDirection.init) { sortDirection = value }
      if let value = paging["offset"]?.int64 { offset = value }
      if let value = paging["limit"]?.int64 { limit = value }
    }
    guard let filter = json["jobFilter"] else { return }
    if let value = filter["completedJobLookupTime"]?.int64 { completedJobLookupTime = value }
    if let value = filter["showAgedJobs"]?.bool { showAgedJobs = value }
    clientIds = (filter["clientList"]?.array ?? []).compactMap { $0["clientId"]?.int64 }
    jobTypes = (filter["jobTypeList"]?.array ?? []).compactMap(\.string)
    statuses = (filter["statusList"]?.array ?? []).compactMap(\.string).map(JobStatus.init)
    if let value = filter["entity"], value.members != nil {
      entity = Entity(
        clientId: value["clientId"]?.int64, instanceId: value["instanceId"]?.int64,
        backupsetId: value["backupsetId"]?.int64, subclientId: value["subclientId"]?.int64)
    }
  }
}
