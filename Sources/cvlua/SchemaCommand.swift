import ArgumentParser
import CommandCenterAPI
import Scripting
import Terminal

/// `cvlua schema [WORKLOAD] [--format text|json|luals]`
enum SchemaCommand {
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let command = try Schema.parseAsRoot(arguments)
      var running = command
      try running.run()
      return 0
    } catch {
      let code = Schema.exitCode(for: error)
      if code == .success {
        print(Schema.fullMessage(for: error))
      } else {
        ErrorOutput().line("cvlua schema: \(Schema.message(for: error)); see cvlua schema --help")
      }
      return code == .success ? 0 : 64
    }
  }
}

enum SchemaFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, luals
}

struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cvlua schema",
    abstract: "Shows the fields of the workloads: names, types, what is required, defaults, allowed values.")

  @Argument(help: "dynamodb, documentdb, rds, mssql or oracle; all where none is named.")
  var workload: String?

  @Option(help: "text for people, json: a JSON Schema of the payload, or luals: definitions for editors.")
  var format: SchemaFormat = .text

  func validate() throws {
    guard let workload, Workload.builtIn(named: workload) == nil else { return }
    let names = Workload.builtIn.map(\.name)
    let hint = didYouMean(workload, among: names).map { "; did you mean \($0)" }
    throw ValidationError(
      "there is no workload \(workload)\(hint ?? "; there are \(names.joined(separator: ", "))")")
  }

  func run() throws {
    let workloads = workload.flatMap { Workload.builtIn(named: $0) }.map { [$0] } ?? Workload.builtIn
    switch format {
    case .text: print(workloads.map { $0.schemaText() }.joined(separator: "\n"))
    case .luals: print(EditorDefinitions.of(workloads), terminator: "")
    case .json:
      let values = workloads.map { $0.schemaJSON() }
      let whole: JSONValue =
        workload == nil
        ? .object(zip(workloads, values).map { JSONValue.Member($0.name, $1) }) : values[0]
      print(String(decoding: try whole.encoded(), as: UTF8.self))
    }
  }
}
