import ArgumentParser
import CommandCenterAPI
import Scripting
import Terminal

/// `cvlua help [NAME]`: the reference of what scripts see.
struct HelpCommand: Subcommand {
  static let abstract = """
    Tells of a function, a method, a kind of value, a workload or a module, with types and an example, or of a command; \
    without a name of all functions in a line each.
    """

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, markdown
  }

  @Argument(help: "Such as flow.map, task:wait, flow, result, submit_options, rds, ladder or plan.")
  var name: String?

  @Option(help: "text, or markdown: the whole reference as one document.")
  var format: Format = .text

  func validate() throws {
    if name != nil, format == .markdown {
      throw ValidationError("--format markdown gives the whole reference, so it takes no name")
    }
  }

  func run(_ output: ErrorOutput) async throws(UsageError) -> Int32 {
    guard let name else {
      if format == .markdown {
        print(APIReference.markdown() + Self.modulesAsMarkdown, terminator: "")
      } else {
        print(
          APIReference.overview() + "Modules, for require: \(StandardModules.names.joined(separator: ", "))")
      }
      return 0
    }
    if name != "help", await Subcommands.help(name, output) {
      // A method may be called like a command.
      for other in APIReference.meanings(of: name) {
        print("In scripts there is \(other): cvlua help \(other)")
      }
    } else if let page = APIReference.page(name) {
      print(page, terminator: "")
      let workload = name.hasPrefix("backup.") ? String(name.dropFirst("backup.".count)) : name
      if Workload.builtIn(named: workload) != nil {
        print("\nIts fields: cvlua schema \(workload)")
      }
    } else if let page = try Self.modulePage(name) {
      print(page, terminator: "")
    } else {
      let meant =
        APIReference.meant(name) ?? didYouMean(name, among: StandardModules.names + Subcommands.names)
      throw UsageError(
        "nothing is called \(name)\(meant.map { "; did you mean \($0)?" } ?? "; cvlua help lists all there is")"
      )
    }
    return 0
  }

  /// The page of `rota`, or the one that tells of `rota.full`; nil where no module is called so.
  private static func modulePage(_ name: String) throws(UsageError) -> String? {
    if let page = StandardModules.page(name) { return page }
    let module = String(name.prefix { $0 != "." && $0 != ":" })
    guard module != name, let page = StandardModules.page(module) else { return nil }
    let plain = name.hasSuffix("()") ? String(name.dropLast(2)) : name
    let wanted = String(plain.dropFirst(module.count + 1))
    // A method may go by the module's name, too: calendar:events is calendar.calendar:events.
    let members = StandardModules.members(module)
    let words = members.map { member in
      member.split { $0 == "." || $0 == ":" }.last.map(String.init) ?? member
    }
    if wanted.isEmpty || members.contains(plain) || words.contains(wanted) { return page }
    let hint = didYouMean(wanted, among: words).map { "did you mean \(module).\($0)?" }
    throw UsageError("\(module) has no \(wanted); \(hint ?? "cvlua help \(module) tells what it has")")
  }

  private static var modulesAsMarkdown: String {
    var text = "\n## Modules\n\nThese ship with the binary.\n"
    for name in StandardModules.names {
      text += "\n### \(name)\n\n```text\n\(StandardModules.page(name) ?? "")```\n"
    }
    return text
  }
}
