import Testing
import Workflow

@Suite("A mail")
struct MailTests {
  private func message(_ mail: Mail, to: String = "ops@example.com") -> [String] {
    String(decoding: mail.message(to: to, host: "host"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("goes to plain addresses", arguments: ["root", "ops@example.com", "a.b+c@d-e.f", "a@b, c@d"])
  func addresses(_ list: String) { #expect(Mail.addresses(list) == list) }

  @Test(
    "goes nowhere else",
    arguments: [
      "", " ", ",", "a@b,", "-f", "-oQ/tmp", "a b", "a@b\nBcc: c@d", "a@b\rBcc: c@d", "a\0b", "|sh",
      "/tmp/file",
      "\"a b\"@c", "Name <a@b>", "a@b@c", "@b", "a@", "a;b", ":include:/etc/passwd", "ä@b", "a@b%c",
    ])
  func noAddress(_ list: String) { #expect(Mail.addresses(list) == nil) }

  @Test("has its headers, then its text")
  func plain() {
    let mail = Mail(
      from: "cvlua@example.com", subject: "three tables", text: "one\n.\ntwo", id: "20261121-2200-krzf.1")
    #expect(
      message(mail) == [
        "To: ops@example.com", "From: cvlua@example.com", "Subject: three tables",
        "Message-ID: <20261121-2200-krzf.1@host>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "one", ".", "two",
        "",
      ])
  }

  @Test("has no headers but its own, whatever stands in its parts")
  func injection() {
    let mail = Mail(
      from: "a@b\nBcc: c@d", subject: "x\r\nBcc: evil@example.com\n\nbody", text: "y", id: "1>\nBcc: e@f")
    let head = message(mail).prefix { !$0.isEmpty }
    #expect(head.contains("Subject: x  Bcc: evil@example.com  body"))
    #expect(!head.contains { $0.hasPrefix("Bcc") || $0.hasPrefix("From") })
    #expect(head.contains("Message-ID: <1..Bcc..e.f@host>"))
  }

  @Test("is encoded where it is not ASCII, or has lines too long for mail")
  func encoded() throws {
    let text = "größer\n" + String(repeating: "x", count: 5000)
    let subject = "Sicherung der größten Tabellen — nicht gelungen: " + String(repeating: "ü", count: 60)
    let lines = message(Mail(subject: subject, text: text))
    #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { (32..<127).contains($0) } })
    let begin = try #require(lines.firstIndex { $0.hasPrefix("Subject: ") })
    let words = lines[begin...].prefix { $0.hasPrefix("Subject: ") || $0.hasPrefix(" ") }
    #expect(words.count > 3)
    #expect(words.allSatisfy { $0.contains("=?utf-8?B?") && $0.hasSuffix("?=") })
    #expect(lines.contains("Content-Transfer-Encoding: base64"))
  }

  @Test("comes back from the journal as it was")
  func stored() {
    let mail = Mail(to: "a@b", from: "c@d", subject: "s", text: "t\nu", id: "i")
    #expect(Mail(mail.json) == mail)
    #expect(Mail(Array("{}".utf8)) == nil)
  }
}
