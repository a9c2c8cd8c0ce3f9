@testable import Console
import Glibc
import Testing

@Suite("The prompt's history")
struct HistoryTests {
  @Test(
    "does not keep what may hold a secret",
    arguments: [
      "password = \"hunter2\"", "login{ user = \"a\", password = 'hunter2' }", "x.apiToken=[[abc]]",
      "local t <const> = { [\"X-Auth-Token\"] = \"abc\" }", "set_password(\"hunter2\")",
      "set_password(user, \"hunter2\")", "headers.Authorization = \"x\"", "h = { Cookie = 'a' }",
      "f(\"Bearer eyJhbGciOiJ\")", "url = \"https://x/?password=hunter2\"", "secret.value = \"x\"",
      "my_secret = \"x\"", " x = 1", "PASSPHRASE = PASSPHRASE or \"x\"", "credentials {\n  \"abc\" }",
      "token = \"unfinished",
    ])
  func secrets(_ chunk: String) {
    #expect(!HistoryFilter.keeps(chunk), "\(chunk)")
  }

  @Test(
    "keeps the rest",
    arguments: [
      "x = 1", "run.on_attention(notify.slack(secret \"slack-oncall\"))", "secret(\"a\")", "print(password)",
      "print \"the token is gone\"", "backup.rds{ clientName = \"aws-prod\" }", "t = os.time() -- \"x\"",
      "password = nil", "token = read_token()", "-- password = \"x\"",
    ])
  func others(_ chunk: String) {
    #expect(HistoryFilter.keeps(chunk), "\(chunk)")
  }

  @Test("lasts in a file of the user's own, lines of a chunk and all")
  func file() throws {
    let folder = try Folder()
    let path = "\(folder.path)/history"
    var history = History(path)
    #expect(history.load() == [])
    history.keep(["for i = 1, 2 do", "  print(i, \"\\n\")", "end"])
    history.keep(["x = 1\ny = 2"])
    history.keep(["password = \"x\""])
    var next = History(path)
    #expect(next.load() == ["for i = 1, 2 do", "  print(i, \"\\n\")", "end", "x = 1\ny = 2"])
    #expect(next.warning == nil)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("tells once where it cannot be written, and follows no link")
  func unwritable() throws {
    let folder = try Folder()
    var history = History("\(folder.path)/none/history")
    _ = history.load()
    #expect(history.warning == nil)
    history.keep(["x = 1"])
    #expect(
      history.warning
        == "the history cannot be written: \(folder.path)/none/history: No such file or directory")
    symlink("/etc/passwd", "\(folder.path)/link")
    var linked = History("\(folder.path)/link")
    linked.keep(["x = 1"])
    #expect(linked.warning?.hasSuffix("Too many levels of symbolic links") == true)
  }

  /// A folder that is gone with the test.
  private final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/cvlua-history-XXXXXX".utf8CString)
      path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit { system("rm -rf -- '\(path)'") }
  }
}
