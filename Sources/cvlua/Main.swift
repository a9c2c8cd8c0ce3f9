internal import Glibc
import Terminal

/// The command line: it reads the arguments, wires the parts together, and decides nothing else.
@main
struct Main {
  static func main() async {
    StandardStreams.open()
    let output = ErrorOutput()
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "schema" { exit(SchemaCommand.run(Array(arguments.dropFirst()))) }
    if arguments.first == "simulator" {
      exit(await SimulatorCommand.run(Array(arguments.dropFirst()), output))
    }
    do throws(UsageError) {
      let request = try RunArguments(arguments)
      if request.wantsHelp {
        print(Help.text, terminator: "")
        return
      }
      if request.wantsVersion {
        print(Version.text)
        if request.steps.isEmpty { return }
      }
      let code = await RunCommand(request, output).run()
      exit(code)
    } catch {
      output.line("cvlua: \(error.message)")
      exit(64)
    }
  }
}
