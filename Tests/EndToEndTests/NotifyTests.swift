import CommandCenterAPI
import Glibc
import Testing

@Suite("Teams, PagerDuty and mail", .serialized)
struct NotifyTests {
  private static let routingKey = "r0ut1ng5ecret"
  private let listener: Listener

  init() throws { listener = try Listener() }

  /// A simulator, and a profile with these settings; its secrets are `pager` and `teams` at the listener.
  private func served(_ settings: String) async throws -> Served {
    let served = try await Served()
    served.journal = "\(served.folder.path)/journal.db"
    served.secrets += [Listener.key, Self.routingKey]
    try served.secret("pager", "\(listener.address("pager")) \(Self.routingKey)")
    try served.secret("teams", listener.address("teams"))
    let keys = "\(served.folder.path)/keys"
    try served.configure(
      "unattended = true, \(settings), "
        + "secrets = { pager = secret.file \"\(keys)/pager\", teams = secret.file \"\(keys)/teams\" }")
    return served
  }

  /// A program in place of sendmail, which writes down what it was given.
  private func sendmail(_ served: Served, _ script: String) throws -> String {
    let path = "\(served.folder.path)/sendmail"
    try File.write(path, "#!/bin/sh\n\(script)\n")
    chmod(path, 0o755)
    return path
  }

  @Test("attention reaches Teams and PagerDuty; the routing key is in no file of the run")
  func attention() async throws {
    let served = try await Served()
    served.journal = "\(served.folder.path)/journal.db"
    served.secrets += [Listener.key, Self.routingKey]
    try served.secret("pager", "\(listener.address("pager")) \(Self.routingKey)")
    try served.secret("teams", listener.address("teams"))
    let folder = "\(served.folder.path)/keys"
    try served.configure(
      "unattended = true, attention = { teams = secret.file \"\(folder)/teams\", pagerduty = secret.file \"\(folder)/pager\" }"
    )
    let run = try await served.run("-e", "error \"[five](http://evil)\"")
    #expect(run.code == 65, "\(run.errors)")
    let event = try #require(listener.posts("pager").first)
    #expect(event["routing_key"]?.string == Self.routingKey)
    #expect(event["event_action"]?.string == "trigger")
    #expect(event["dedup_key"]?.string?.hasPrefix("cvlua 20") == true)
    #expect(event["payload"]?["severity"]?.string == "error")
    #expect(event["payload"]?["summary"]?.string?.contains("the script raised an error") == true)
    #expect(event["payload"]?["custom_details"]?["text"]?.string?.contains("[five](http://evil)") == true)
    let card = try #require(listener.posts("teams").first?["attachments"]?.array?.first)
    #expect(card["contentType"]?.string == "application/vnd.microsoft.card.adaptive")
    let lines = try #require(card["content"]?["body"]?.array)
    #expect(lines.allSatisfy { $0["type"]?.string == "RichTextBlock" })
    #expect(
      lines.contains {
        $0["inlines"]?.array?.first?["text"]?.string?.hasSuffix("[five](http://evil)") == true
      })
    #expect(listener.posts.count == 2)
    try await served.close()
  }

  @Test("a script's own messages are told once, whatever dies in between")
  func once() async throws {
    let served = try await served("sendmail = \"/nowhere\"")
    try served.folder.write(
      "night.lua",
      """
      local notify = require "notify"
      notify.pagerduty(secret "pager", { severity = "info", dedup_key = "tables", source = "aws" }) "new tables"
      notify.teams(secret "teams") { text = "new tables" }
      \(oneBackup)
      """)
    try await served.runDying(at: "after ids@backup.rds:c/i/a FULL #1", "night.lua")
    let second = try await served.run("night.lua")
    #expect(second.code == 0, "\(second.errors)")
    #expect(listener.posts("pager").count == 1)
    #expect(listener.posts("teams").count == 1)
    #expect(listener.posts("pager").first?["dedup_key"]?.string == "tables")
    #expect(listener.posts("pager").first?["payload"]?["source"]?.string == "aws")
    try await served.close()
  }

  // MARK: mail

  private struct Mailbox {
    let user: String
    let path: String

    init() async throws {
      user = try await Child("/usr/bin/id", ["-un"], in: "/", environment: Place.environment).ending().output
        .filter { !$0.isNewline }
      path = "/var/mail/\(user)"
    }

    /// The mails that name a run.
    func mails(_ run: String) throws -> [String] {
      ((try? File.read(path)) ?? "").split(separator: "\nFrom ").map(String.init).filter {
        $0.contains("Message-Id: <\(run)") || $0.contains("Message-ID: <\(run)")
      }
    }

    /// The same, when the first is there.
    func arrived(_ run: String) async throws -> [String] {
      for _ in 0..<600 {
        let mails = try mails(run)
        if !mails.isEmpty { return mails }
        try await Task.sleep(for: .milliseconds(100))
      }
      return []
    }
  }

  @Test("the host's own sendmail delivers a mail once, though the process died before it was told")
  func realSendmail() async throws {
    let mailbox = try await Mailbox()
    let served = try await served("attention = { email = \"\(mailbox.user)\" }")
    try await served.runDying(at: "after run finished", "-e", "error \"größer\"")
    let shown = try await served.command("show", "last")
    let run = try #require(shown.output.split(separator: " ").first { $0.hasPrefix("20") && $0.count == 18 })
    #expect(try mailbox.mails(String(run)).isEmpty)
    for _ in 1...2 { #expect(try await served.run("-e", "print 'good'").code == 0) }
    let mails = try await mailbox.arrived(String(run))
    #expect(mails.count == 1)
    let mail = try #require(mails.first)
    #expect(mail.contains("To: \(mailbox.user)"))
    #expect(mail.contains("Subject: "))
    #expect(mail.contains("Auto-Submitted: auto-generated"))
    let text = mail.split(separator: "\n\n", maxSplits: 1).last.map { $0.filter { !$0.isNewline } } ?? ""
    #expect(String(decoding: Base64.decode(text) ?? [], as: UTF8.self).contains("größer"), "\(mail)")
    served.note(Child.Ending(output: mail))
    #expect(try await served.command("show", String(run)).output.contains("attention email: told 20"))
    try await served.close()
  }

  @Test("sendmail is given the mail, and nothing of our environment")
  func given() async throws {
    let served = try await served("sendmail = \"SENDMAIL\"")
    let path = try sendmail(
      served, "cd '\(served.folder.path)'; cat > mail; echo \"$@\" > arguments; env > environment")
    let configuration = try File.read("\(served.folder.path)/config.lua")
    try served.folder.write("config.lua", configuration.replacing("SENDMAIL", with: path))
    try served.folder.write(
      "night.lua",
      """
      local notify = require "notify"
      notify.email{ to = "ops@example.com, root", from = "cvlua@example.com", subject = "x\\nBcc: evil@example.com" }
        "first\\n.\\nlast"
      """)
    #expect(try await served.run("night.lua").code == 0)
    let mail = try File.read("\(served.folder.path)/mail")
    #expect(
      mail.contains("To: ops@example.com, root\nFrom: cvlua@example.com\nSubject: x Bcc: evil@example.com\n"))
    #expect(mail.hasSuffix("\n\nfirst\n.\nlast\n"))
    #expect(try File.read("\(served.folder.path)/arguments") == "-t -i\n")
    let environment = try File.read("\(served.folder.path)/environment")
    #expect(!environment.contains("HOME=\(served.folder.path)") && environment.contains("PATH=/usr/sbin"))
    try await served.close()
  }

  @Test("a sendmail that fails is tried again with the next run")
  func fails() async throws {
    let served = try await served("attention = { email = \"root\" }, sendmail = \"SENDMAIL\"")
    let folder = served.folder.path
    let path = try sendmail(served, "cat >> '\(folder)/mails'; test -e '\(folder)/works' || exit 75")
    let configuration = try File.read("\(folder)/config.lua")
    try served.folder.write("config.lua", configuration.replacing("SENDMAIL", with: path))
    let run = try await served.run("-e", "error \"x\"")
    #expect(run.code == 65)
    #expect(run.errors.contains("did not take the mail: it ended with code 75; it is kept"), "\(run.errors)")
    try served.folder.write("works", "")
    #expect(try await served.run("-e", "print 'good'").code == 0)
    #expect(try await served.command("show", "last").code == 0)
    // Each try has the same name, so that whoever gets two of them sees one.
    let names = Set(
      try File.read("\(folder)/mails").split(separator: "\n").filter { $0.hasPrefix("Message-ID: ") })
    #expect(names.count == 1)
    try await served.close()
  }

  @Test("a sendmail that hangs is waited for a bounded time, and does not stay")
  func hangs() async throws {
    let served = try await served("attention = { email = \"root\" }, sendmail = \"SENDMAIL\"")
    let folder = served.folder.path
    let path = try sendmail(served, "echo $$ >> '\(folder)/pids'; exec sleep 100000")
    let configuration = try File.read("\(folder)/config.lua")
    try served.folder.write("config.lua", configuration.replacing("SENDMAIL", with: path))
    let run = try await served.run("-e", "error \"x\"")
    #expect(run.code == 65)
    #expect(run.errors.contains("did not take the mail within 10 s"), "\(run.errors)")
    for pid in try File.read("\(folder)/pids").split(separator: "\n").compactMap({ pid_t($0) }) {
      #expect(kill(pid, 0) != 0)
    }
    try await served.close()
  }
}
