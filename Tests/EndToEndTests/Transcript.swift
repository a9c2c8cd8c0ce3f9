import Glibc
import Testing

/// A file of Transcripts/: sentences at the margin, and below each what a terminal shows, indented by four.
///
///     A misspelt field says which one was meant.
///
///         $ cvlua -e 'backup.rds{ clientNme = "a" }'
///         cvlua: …
///         [65]
///
/// `$ ` and `> ` begin a command of bash and its further lines; then comes all that it prints, on both streams
/// and in their order, and its exit code where that is not 0. Each sentence has a folder of its own, in which
/// scripts/ is the project's; `rehearse` is `cvlua --simulate --at 2026-11-21T22:00`. With CVLUA_RECORD set,
/// the files are written anew from what happens.
struct Transcript {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: String
    let sentence: String
    var steps: [Step] = []

    var testDescription: String { "\(file): \(sentence)" }
  }

  struct Step: Sendable {
    var command: [String]
    var output: [String] = []
  }

  var cases: [Case] = []

  /// All files, by name.
  static let files = File.names(in: "\(Place.tests)/Transcripts", ending: ".txt")

  static func named(_ name: String) -> [Case] {
    let text = try? File.read("\(Place.tests)/Transcripts/\(name).txt")
    return Transcript(text ?? "", file: name).cases
  }

  private static let indent = "    "

  init(_ text: String, file: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      guard line.isEmpty || line.hasPrefix(Self.indent) else {
        cases.append(Case(file: file, sentence: line))
        continue
      }
      guard let last = cases.indices.last else { continue }
      let content = String(line.dropFirst(Self.indent.count))
      let step = cases[last].steps.indices.last
      if content.hasPrefix("$ ") {
        cases[last].steps.append(Step(command: [String(content.dropFirst(2))]))
      } else if let step, content == ">" || content.hasPrefix("> "), cases[last].steps[step].output.isEmpty {
        cases[last].steps[step].command.append(String(content.dropFirst(2)))
      } else if let step {
        cases[last].steps[step].output.append(content)
      }
    }
    for index in cases.indices {
      for step in cases[index].steps.indices {
        cases[index].steps[step].output = Self.withoutLastBlanks(cases[index].steps[step].output)
      }
    }
  }

  private static func withoutLastBlanks(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines
  }

  /// The case as its file shows it.
  static func text(_ steps: [Step]) -> String {
    steps.map { step in
      let command = step.command.enumerated().map { ($0 == 0 ? "$ " : "> ") + $1 }
      return (command + step.output).map { $0.isEmpty ? "" : indent + $0 }.joined(separator: "\n") + "\n"
    }.joined()
  }

  /// What really happens, step by step.
  static func play(_ test: Case) async throws -> [Step] {
    let folder = try Folder()
    var played: [Step] = []
    for step in test.steps {
      let ending = try await Child(
        "/bin/bash", ["-c", Self.prelude + step.command.joined(separator: "\n")], in: folder.path,
        environment: Place.environment.merging(["XDG_STATE_HOME": "\(folder.path)/.state"]) { $1 },
        mergesErrors: true
      ).ending()
      var output = ending.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if output.last == "" { output.removeLast() } else { output.append("(no end of line)") }
      if ending.code != 0 { output.append("[\(ending.code)]") }
      played.append(Step(command: step.command, output: withoutLastBlanks(output)))
    }
    return played
  }

  private static let prelude = "rehearse() { cvlua --simulate --at 2026-11-21T22:00 \"$@\"; }\n"
}
