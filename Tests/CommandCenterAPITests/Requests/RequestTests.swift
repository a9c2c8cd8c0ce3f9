import CommandCenterAPI
import Testing

@Suite("What the client sends beside payloads")
struct RequestTests {
  @Test("hides a password in base64, and a server finds it again")
  func login() {
    var request = LoginRequest(username: #"CORP\operator"#, password: "pässwörd")
    #expect(
      String(decoding: request.encoded(), as: UTF8.self)
        == #"{"username":"CORP\\operator","password":"cMOkc3N3w7ZyZA=="}"#)
    request.domain = "CORP"
    request.timeout = 30
    request.deviceId = "night-1"
    #expect(LoginRequest(decoding: request.encoded()) == request)
  }

  @Test(
    "is no login where it is not whole",
    arguments: [
      "", "[]", #"{"username":"u"}"#, #"{"username":"u","password":"not base64"}"#,
      #"{"username":"u","password":"/w=="}"#,
    ])
  func noLogin(body: String) {
    #expect(LoginRequest(decoding: Array(body.utf8)) == nil)
  }

  @Test(
    "is base64 as RFC 4648 has it",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func base64(text: String, encoded: String) {
    #expect(Base64.encode(text.utf8) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test("asks for jobs in one call")
  func jobs() throws {
    #expect(
      String(decoding: JobQuery().encoded(), as: UTF8.self) == """
        {"scope":1,"category":0,"pagingConfig":{"sortField":"jobId","sortDirection":1,\
        "offset":0,"limit":1000},\
        "jobFilter":{"completedJobLookupTime":86400,"showAgedJobs":false}}
        """)
    var query = JobQuery()
    query.category = .finished
    query.sortDirection = .ascending
    query.offset = 100
    query.limit = 50
    query.completedJobLookupTime = 90
    query.showAgedJobs = true
    query.clientIds = [7, 8]
    query.jobTypes = ["Backup"]
    query.statuses = [.failed, .completedWithErrors]
    query.entity = JobQuery.Entity(clientId: 7, subclientId: 1042)
    #expect(
      String(decoding: query.encoded(), as: UTF8.self) == """
        {"scope":1,"category":2,"pagingConfig":{"sortField":"jobId","sortDirection":0,\
        "offset":100,"limit":50},\
        "jobFilter":{"completedJobLookupTime":90,"showAgedJobs":true,\
        "clientList":[{"clientId":7},{"clientId":8}],\
        "jobTypeList":["Backup"],"statusList":["Failed","Completed w/ one or more errors"],\
        "entity":{"clientId":7,"subclientId":1042}}}
        """)
    #expect(try JobQuery(decoding: query.encoded()) == query)
    #expect(throws: JSONError.self) { try JobQuery(decoding: Array("[]".utf8)) }
  }
}
