import Clock
import CommandCenterAPI
import HTTPTypes
import Simulator
import Testing

@Suite("What the vendor's own SDK asks the simulator for")
struct PropertiesTests {
  @Test(
    "One thing by its id is a list of one; no such thing an empty one",
    arguments: [
      ("/Client/17", "clientProperties", "\"clientName\":\"aws-prod\""),
      ("/Instance/210?association/entity/clientId=17", "instanceProperties", "\"instanceType\":22"),
      ("/Backupset/310", "backupsetProperties", "\"isDefaultBackupSet\":true"),
      ("/Subclient/1042", "subClientProperties", "\"subclientName\":\"customers\""),
      ("/Agent?clientId=23", "agentProperties", "\"appName\":\"SQL Server\""),
      ("/Agent?clientId=17&applicationId=22", "agentProperties", "\"appName\":\"Oracle\""),
      ("/Client/4711", "clientProperties", ""), ("/Subclient/1", "subClientProperties", ""),
      ("/Agent?clientId=4711", "agentProperties", ""),
    ])
  func properties(path: String, list: String, part: String) throws {
    let answer = try Caller().send(.get, path)
    #expect(answer.status == 200)
    let items = try #require(try JSONValue(parsing: answer.body)[list]?.array)
    #expect(items.count == (part.isEmpty ? 0 : 1))
    #expect(part.isEmpty || String(decoding: answer.body, as: UTF8.self).contains(part))
  }

  @Test("Subclients are listed by agent and backupset")
  func filters() throws {
    let caller = try Caller()
    func names(_ query: String) throws -> [String] {
      let answer = caller.send(.get, "/Subclient?clientId=17&\(query)")
      let items = try JSONValue(parsing: answer.body)["subClientProperties"]?.array ?? []
      return items.compactMap { $0["subClientEntity"]?["subclientName"]?.string }
    }
    #expect(try names("applicationId=22") == ["default"])
    #expect(try names("applicationId=134&backupsetId=311") == ["profiles", "content", "search"])
    #expect(try names("instanceId=213") == ["orders-us", "billing-us"])
  }

  @Test("A backup by the subclient's id makes a job of the level in the query")
  func backup() throws {
    let caller = try Caller()
    let answer = caller.send(.post, "/Subclient/1201/action/backup?backupLevel=full&collectMetaInfo=False")
    let ids = try decodeSubmit(status: answer.status, body: answer.body).jobIds
    let id = try #require(ids.first.flatMap { Int64($0) })
    let job = try #require(try caller.summary(id))
    #expect(job.backupLevelName == "Full")
    #expect(job.subclient.subclientName == "orders")
    #expect(caller.simulator.view.count("POST", "/Subclient/{id}/action/backup") == 1)
    #expect(caller.send(.post, "/Subclient/1/action/backup?backupLevel=full").status == 500)
    #expect(caller.send(.post, "/Subclient/1202/action/backup?backupLevel=much").status == 400)
  }

  @Test("A token is renewed for the device that logged in, once, dead or alive")
  func renewal() throws {
    var caller = try Caller(loggedIn: false)
    let login = LoginRequest(username: "simulator", password: "simulator", deviceId: "here").encoded()
    let answer = caller.send(.post, "/Login", String(decoding: login, as: UTF8.self))
    let old = try decodeLogin(status: answer.status, body: answer.body).token
    caller.simulator.expireTokens()
    func renew(_ token: String, _ device: String) throws -> String? {
      let body = "{\"sessionId\":\"\(token)\",\"deviceId\":\"\(device)\"}"
      return try JSONValue(parsing: caller.send(.post, "/RenewLoginToken", body).body)["token"]?.string
    }
    #expect(try renew(old, "elsewhere") == nil)
    let new = try #require(try renew(old, "here"))
    #expect(try renew(old, "here") == nil)
    caller.token = new
    #expect(caller.send(.post, "/WhoAmI").status == 200)
    caller.token = old
    #expect(caller.send(.post, "/WhoAmI").status == 401)
    #expect(caller.send(.post, "/RenewLoginToken", "nonsense").status == 400)
  }

  @Test("Whether somebody is there is told to anyone, and nothing else")
  func root() throws {
    let caller = try Caller(loggedIn: false)
    #expect(caller.send(.get, "/").status == 200)
    #expect(caller.send(.get, "/CommServ").status == 401)
  }
}
