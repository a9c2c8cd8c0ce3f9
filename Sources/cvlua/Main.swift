internal import Glibc
import Terminal

/// The command line: it reads the arguments, wires the parts together, and decides nothing else.
@main
struct Main {
  static func main() async {
    StandardStreams.open()
    let output = ErrorOutput()
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let name = arguments.first,
      let code = await Subcommands.run(name, Array(arguments.dropFirst()), output)
    {
      exit(StandardStreams.finish(code, output))
    }
    do throws(UsageError) {
      let plans = arguments.first == "plan"
      let request = try RunArguments(plans ? Array(arguments.dropFirst()) : arguments, plans: plans)
      if request.wantsHelp {
        print(plans ? Help.plan : Help.text, terminator: "")
        exit(StandardStreams.finish(0, output))
      }
      if request.wantsVersion {
        print(Version.text)
        if request.steps.isEmpty { exit(StandardStreams.finish(0, output)) }
      }
      let code =
        ReplCommand.isWanted(request)
        ? await ReplCommand(request, output).run() : await RunCommand(request, output).run()
      exit(StandardStreams.finish(code, output))
    } catch {
      output.line("cvlua: \(error.message)")
      exit(64)
    }
  }
}
