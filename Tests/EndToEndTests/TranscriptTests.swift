import Glibc
import Testing

@Suite("What a terminal shows")
struct TranscriptTests {
  @Test("There are files")
  func files() { #expect(Transcript.files.count >= 20) }

  @Test("No file is empty", arguments: Transcript.files)
  func file(_ name: String) {
    #expect(!Transcript.named(name).isEmpty)
  }

  @Test(arguments: Transcript.files.flatMap(Transcript.named))
  func transcript(_ test: Transcript.Case) async throws {
    let played = try await Transcript.play(test)
    #expect(Transcript.text(played) == Transcript.text(test.steps))
  }
}

/// Writes the transcripts anew from what happens: CVLUA_RECORD=1 swift test --filter Recording, or
/// CVLUA_RECORD=NAME for one of them.
@Suite("Recording", .enabled(if: getenv("CVLUA_RECORD") != nil), .serialized)
struct Recording {
  private static let files = Transcript.files.filter { name in
    ["1", name].contains(getenv("CVLUA_RECORD").map { String(cString: $0) })
  }

  @Test(arguments: files)
  func record(_ name: String) async throws {
    var text = ""
    for test in Transcript.named(name) {
      text +=
        (text.isEmpty ? "" : "\n") + test.sentence + "\n\n" + Transcript.text(try await Transcript.play(test))
    }
    try File.write("\(Place.tests)/Transcripts/\(name).txt", text)
  }
}
