import CommandCenterAPI
import Testing

@Suite("Did you mean")
struct DidYouMeanTests {
  @Test(
    "finds what is near, and nothing that is not",
    arguments: [
      ("subclientld", "subclientId"),
      ("SUBCLIENTID", "subclientId"),
      ("clientNmae", "clientName"),
      ("clientnames", "clientName"),
      ("backupLevl", "backupLevel"),
      ("level", nil),
      ("colour", nil),
      ("x", nil),
      ("", nil),
    ] as [(String, String?)])
  func near(name: String, meant: String?) {
    let names = ["clientName", "clientId", "subclientId", "subclientName", "subclientGUID", "backupLevel"]
    #expect(didYouMean(name, among: names) == meant)
  }
}
