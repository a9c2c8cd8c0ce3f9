import CommandCenterAPI
import Glibc
import SQLite
import Testing

@Suite("What a live run tells others")
struct TellingTests {
  private let listener: Listener

  init() throws { listener = try Listener() }

  /// A simulator, and a profile that tells the listener; `paths` are the listener's, by what they are for.
  private func served(_ paths: [String: String]) async throws -> Served {
    let served = try await Served()
    served.journal = "\(served.folder.path)/journal.db"
    served.secrets += [Listener.key]
    func table(_ setting: String, _ names: [String]) throws -> String {
      let members = try names.compactMap { name -> String? in
        guard let path = paths[name] else { return nil }
        try served.secret(name, listener.address(path))
        return "\(name) = secret.file \"\(served.folder.path)/keys/\(name)\""
      }
      return members.isEmpty ? "" : ", \(setting) = { \(members.joined(separator: ", ")) }"
    }
    try served.configure(
      "unattended = true" + table("attention", ["webhook", "slack"])
        + table("ping", ["start", "success", "fail"]) + table("secrets", ["oncall"]))
    return served
  }

  @Test("attention goes to each address once, with what needs a human and why")
  func attention() async throws {
    let served = try await served(["webhook": "hook", "slack": "slack"])
    try served.folder.write("night.lua", "\(oneBackup)\nerror \"five & <six>\"")
    let run = try await served.run("night.lua")
    #expect(run.code == 65, "\(run.errors)")
    let hook = try #require(listener.posts("hook").first)
    #expect(hook["event"]?.string == "attention")
    #expect(hook["outcome"]?.string == "script_error")
    #expect(hook["exit"]?.int64 == 65)
    #expect(hook["script"]?.string == "\(try #require(File.realPath(served.folder.path)))/night.lua")
    #expect(hook["reasons"]?.array?.first?["kind"]?.string == "script")
    let name = try #require(hook["run"]?.string)
    let slack = try #require(listener.posts("slack").first?["text"]?.string)
    #expect(slack.contains("five &amp; &lt;six&gt;"), "\(slack)")
    #expect(slack.hasSuffix("see cvlua show \(name)"))
    #expect(listener.posts.count == 2)
    let shown = try await served.command("show", name)
    #expect(shown.output.contains("attention webhook: told 20"), "\(shown.output)")
    // A good night needs nobody.
    #expect(try await served.run("-e", oneBackup).code == 0)
    #expect(listener.posts.count == 2)
    try await served.close()
  }

  @Test("what nobody takes changes no exit code, is warned of, and goes out with the next run or a resume")
  func down() async throws {
    let served = try await served(["webhook": "hook"])
    try served.folder.write("night.lua", "error \"first\"")
    listener.set(isDown: true)
    for _ in 1...2 {
      let run = try await served.run("night.lua")
      #expect(run.code == 65)
      #expect(
        run.errors.contains("warning: attention.webhook of profile sim could not be told of run "),
        "\(run.errors)")
      #expect(run.errors.contains(": its server answered 500; it is kept and tried again"), "\(run.errors)")
    }
    #expect(try await served.command("show", "last").output.contains("not told yet, 3 tries"))
    listener.set(isDown: false)
    // The newer one by a resume, the older one with the next run.
    let resumed = try await Child(
      Place.cvlua, ["resume", "last", "--journal", served.journal], in: served.folder.path,
      environment: served.environment
    ).ending()
    served.note(resumed)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(listener.posts("hook").count == 1)
    #expect(try await served.run("-e", "print 'good'").code == 0)
    #expect(listener.posts("hook").count == 2)
    #expect(try await served.run("-e", "print 'good'").code == 0)
    #expect(listener.posts("hook").count == 2)
    try await served.close()
  }

  @Test("addresses that hang are waited for a bounded time, and each is told of")
  func hangs() async throws {
    let served = try await served(["start": "hang", "webhook": "hang", "oncall": "hang"])
    let run = try await served.run(
      "-e", "require(\"notify\").webhook(secret \"oncall\"){ text = \"hello\" } error \"x\"")
    #expect(run.code == 65)
    #expect(run.errors.contains("its server did not answer within 10 s"), "\(run.errors)")
    for place in ["ping.start", "attention.webhook", "secrets.oncall"] {
      #expect(run.errors.contains("\(place) of profile sim could not be told"), "\(run.errors)")
    }
    try await served.close()
  }

  @Test("a ping that hangs does not hold up an alarm to an address that answers")
  func besideHanging() async throws {
    let served = try await served(["start": "hang", "webhook": "hook"])
    let run = try served.start(["-e", "error \"x\""])
    while listener.posts("hook").isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    // That is said when three tries have run into their limits.
    #expect(!run.soFar.errors.contains("could not be told"), "\(run.soFar.errors)")
    run.send(SIGKILL)
    served.note(try await run.ending())
    try await served.close()
  }

  @Test("a process that dies between the run's end and the telling leaves it to the next")
  func killed() async throws {
    let served = try await served(["webhook": "hook"])
    try await served.runDying(at: "after run finished", "-e", "error \"x\"")
    #expect(listener.posts.isEmpty)
    let next = try await served.run("-e", "print 'good'")
    #expect(next.code == 0, "\(next.errors)")
    #expect(listener.posts("hook").count == 1)
    try await served.close()
  }

  @Test("a run of another night that died is told of when it is closed, once")
  func closed() async throws {
    let served = try await served(["webhook": "hook"])
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after intent@backup.rds:c/i/a FULL #1", "night.lua")
    try Database(served.journal).run("UPDATE runs SET night = '2026-01-01'")
    let second = try await served.run("night.lua")
    #expect(second.errors.contains("is closed now"), "\(second.errors)")
    let posts = listener.posts("hook")
    #expect(posts.count == 1, "\(posts)")
    #expect(posts.first?["outcome"]?.string == "abandoned")
    #expect(posts.first?["night"]?.string == "2026-01-01")
    try await served.close()
  }

  @Test("a run of tonight that is taken up by itself is told of at its end")
  func takenUp() async throws {
    let served = try await served(["webhook": "hook"])
    try served.folder.write("night.lua", oneBackup)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "night.lua")
    let second = try await served.run("night.lua")
    #expect(second.code == 0, "\(second.errors)")
    let post = try #require(listener.posts("hook").first)
    #expect(post["reasons"]?.array?.first?["kind"]?.string == "taken_up")
    #expect(listener.posts.count == 1)
    try await served.close()
  }

  @Test("pings say that a run began, and how it ended")
  func pings() async throws {
    let served = try await served(["start": "start", "success": "good", "fail": "bad"])
    #expect(try await served.run("-e", oneBackup).code == 0)
    #expect(listener.posts.map(\.path) == ["start", "good"].map { "/\($0)/\(Listener.key)" })
    #expect(listener.posts("good").first?["exit"]?.int64 == 0)
    #expect(try await served.run("-e", "error \"x\"").code == 65)
    #expect(listener.posts("start").count == 2)
    #expect(listener.posts("bad").first?["exit"]?.int64 == 65)
    // A journal that cannot be used is an alarm.
    try served.folder.write("journal.db", "this is no journal, and never was one, whatever it may be called")
    #expect(try await served.run("-e", oneBackup).code == 20)
    #expect(listener.posts("bad").last?["exit"]?.int64 == 20)
    try await served.close()
  }

  @Test("a script's own message is told once, whatever dies in between; run.on_attention takes one of notify")
  func notify() async throws {
    let served = try await served(["oncall": "oncall"])
    try served.folder.write(
      "night.lua",
      """
      local notify = require "notify"
      run.on_attention(notify.slack(secret "oncall"))
      notify.webhook(secret "oncall"){ text = "new tables", count = 3 }
      \(oneBackup)
      flow.sleep(0.1)
      error "x"
      """)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "night.lua")
    let second = try await served.run("night.lua")
    #expect(second.code == 65, "\(second.errors)")
    let posts = listener.posts("oncall")
    #expect(posts.count == 2, "\(posts)")
    #expect(posts.first?["count"]?.int64 == 3)
    #expect(posts.last?["text"]?.string?.contains("night.lua:6: x") == true, "\(posts)")
    try await served.close()
  }

  @Test("a rehearsal tells nobody")
  func simulated() async throws {
    let served = try await served(["webhook": "hook", "start": "start", "fail": "bad", "oncall": "oncall"])
    let run = try await served.run(
      "--simulate", "-e", "run.tell(secret \"oncall\", \"slack\", \"hello\") error \"x\"")
    #expect(run.code == 65)
    #expect(run.errors.contains("SIMULATED: oncall would be told: "), "\(run.errors)")
    #expect(listener.posts.isEmpty)
    try await served.close()
  }
}
