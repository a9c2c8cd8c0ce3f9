import ArgumentParser
import Terminal

/// A command of its own, `cvlua NAME …`: its options, and what it does with them.
protocol Subcommand: ParsableArguments {
  /// - Returns: the exit code.
  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32
}

/// Which subcommands there are.
enum Subcommands {
  /// The ways in, by name. Simulator and schema parse for themselves.
  private static let parsed: [(name: String, abstract: String, type: any Subcommand.Type)] = [
    ("login", LoginCommand.abstract, LoginCommand.self),
    ("logout", LogoutCommand.abstract, LogoutCommand.self),
    ("doctor", DoctorCommand.abstract, DoctorCommand.self),
    ("runs", RunsCommand.abstract, RunsCommand.self),
    ("show", ShowCommand.abstract, ShowCommand.self),
    ("resume", ResumeCommand.abstract, ResumeCommand.self),
    ("rerun", RerunCommand.abstract, RerunCommand.self),
    ("cancel", CancelCommand.abstract, CancelCommand.self),
    ("why", WhyCommand.abstract, WhyCommand.self),
    ("adopt", AdoptCommand.abstract, AdoptCommand.self),
    ("resubmit", ResubmitCommand.abstract, ResubmitCommand.self),
    ("init", InitCommand.abstract, InitCommand.self),
    ("help", HelpCommand.abstract, HelpCommand.self),
  ]

  /// For a misspelt one.
  static let names = parsed.map(\.name) + ["plan", "schema", "simulator"]

  /// Prints what the command of that name says of itself.
  ///
  /// - Returns: false where there is none.
  static func help(_ name: String, _ output: ErrorOutput) async -> Bool {
    if name == "plan" {
      print(Help.plan, terminator: "")
      return true
    }
    return await run(name, ["--help"], output) != nil
  }

  /// - Returns: the exit code; nil where `name` is no subcommand.
  static func run(_ name: String, _ arguments: [String], _ output: ErrorOutput) async -> Int32? {
    switch name {
    case "schema": return SchemaCommand.run(arguments)
    case "simulator": return await SimulatorCommand.run(arguments, output)
    default:
      guard let known = parsed.first(where: { $0.name == name }) else { return nil }
      return await run(known.type, known.name, known.abstract, arguments, output)
    }
  }

  private static func run<Command: Subcommand>(
    _ type: Command.Type, _ name: String, _ abstract: String, _ arguments: [String], _ output: ErrorOutput
  ) async -> Int32 {
    let command: Command
    do {
      command = try Command.parse(arguments)
    } catch {
      if Command.exitCode(for: error) == .success {
        // Its own help begins with the program's name, which is not the command's.
        let help = Command.helpMessage(columns: 100).split(separator: "\n", omittingEmptySubsequences: false)
        let rest = help.drop { !$0.hasPrefix("USAGE:") }.dropFirst()
        print("\(abstract)\n\nUSAGE: cvlua \(name) [OPTION…]\n" + rest.joined(separator: "\n"))
        return 0
      }
      output.line("cvlua \(name): \(Command.message(for: error)); see cvlua \(name) --help")
      return 64
    }
    do throws(UsageError) {
      return try await command.run(output)
    } catch {
      output.line("cvlua \(name): \(error.message)")
      return error.exitCode
    }
  }
}
