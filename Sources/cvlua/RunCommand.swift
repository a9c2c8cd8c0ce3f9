import Clock
import CommandCenter
import CommandCenterAPI
import Console
import Dispatch
internal import Glibc
import LuaVM
import Scripting
import Simulator
import Synchronization
import Terminal
import Workflow

/// `cvlua FILE`: one run of a script, from its first line to its recap.
struct RunCommand {
  private let request: RunArguments
  private let output: ErrorOutput

  init(_ request: RunArguments, _ output: ErrorOutput) {
    self.request = request
    self.output = output
  }

  /// - Returns: the exit code.
  func run() async -> Int32 {
    var steps = request.steps
    if steps.isEmpty {
      guard isatty(STDIN_FILENO) == 0 else {
        output.line("cvlua: name a script, or give one on standard input; see cvlua --help")
        return 64
      }
      steps = [.file(nil)]
    }
    var inventory: Inventory?
    if let file = request.inventoryFile {
      inventory = InventoryFile.read(file, output)
      guard inventory != nil else { return 64 }
    }
    return await run(steps, inventory)
  }

  private func run(_ steps: [RunArguments.Step], _ inventory: Inventory?) async -> Int32 {
    let clock: any RunClock =
      request.simulates
      ? VirtualClock(start: Moment(unixSeconds: (request.start ?? SystemClock().now).unixSeconds))
      : SystemClock()
    let log = EventLog(request.logFormat, output, clock: clock, isSimulated: request.simulates)
    let run = Run(clock: clock) { log.tell($0) }
    let vm = VM(options(clock))
    let commcells =
      request.simulates
      ? SimulatedCommcells(
        clock: clock, seed: request.seed, faults: request.faults, inventory: inventory, executor: vm.thread,
        observer: { name, event in run.note(event, of: name) }) : nil
    let command = self
    let signals = Signals(
      vm,
      remind: {
        let text = "interrupted; the script is still cleaning up, a second Ctrl-C leaves at once"
        run.log(LogLine(level: .warning, message: text, fields: []))
      },
      close: { number in
        var ending = Conclusion.Ending()
        ending.signal = number
        return command.close(run, ending, commcells, log)
      })
    if !request.isTrusted { signal(SIGPIPE, SIG_IGN) }

    do throws(LuaFailure) {
      let thread = vm.thread
      let directory = CommcellDirectory { name throws(LuaFailure) in
        guard let commcells else { throw LuaFailure(LuaFailure.noCommcell, Self.noCommcell) }
        signal(SIGPIPE, SIG_IGN)
        return commcells.center(name ?? Commcell.defaultName)
      }
      let arguments = request
      try await vm.open { core throws(LuaFailure) in
        _ = Session(core: core, run: run, directory: directory, executor: thread)
        arguments.setArg(core)
      }
    } catch {
      output.line("cvlua: \(error.sentence)")
      return 70
    }

    var ending = Conclusion.Ending()
    for step in steps {
      guard let end = await perform(step, vm, log, signals) else {
        ending.isUsageError = true
        break
      }
      if let lacking = await vm.with({ core in Session.lackedCommcell(core) }) {
        ending.isUsageError = true
        log.scriptFailed(lacking, traceback: nil)
        break
      }
      ending.exit = end.exitCode
      if !request.isTrusted { ending.returned = end.returned }
      if let failure = end.failure {
        ending.scriptFailed = true
        if failure.kind != "interrupted" { log.scriptFailed(failure.sentence, traceback: failure.traceback) }
      }
      if ending.exit != nil || ending.scriptFailed || signals.first != nil { break }
    }
    if signals.first == nil {
      clock.hold()
      await run.settle()
      clock.release()
    }
    await vm.with { core in Session.reportUnjoined(core) }
    ending.signal = signals.first
    // Else it is being told already, and the process ends.
    guard signals.mayClose() else { while true { pause() } }
    let code = close(run, ending, commcells, log)
    await vm.close()
    fflush(nil)
    return code
  }

  /// Tells what the run came to.
  private func close(
    _ run: Run, _ ending: Conclusion.Ending, _ commcells: SimulatedCommcells?, _ log: EventLog
  ) -> Int32 {
    let attempts = run.attempts
    let conclusion = Conclusion(Verdict(attempts), ending, branchesFailed: run.failures.count)
    let report = RunReport(
      isSimulated: request.simulates, seed: request.simulates ? request.seed : nil, night: run.night,
      started: run.started, finished: run.clock.now, attempts: attempts, conclusion: conclusion,
      isInvented: { commcells?.isInvented($0) ?? false })
    switch request.logFormat {
    case .json: log.finished(report)
    case .text:
      if !attempts.isEmpty, !(request.isQuiet && conclusion.exitCode == 0) {
        Recap(report, output).print()
      } else if ["interrupted", "returned"].contains(conclusion.outcome) {
        output.line("cvlua: \(conclusion.sentence)")
      }
    }
    return conclusion.exitCode
  }

  private static let noCommcell = """
    this uses a Command Center, and none is there: rehearse with cvlua --simulate (this version cannot reach \
    a live one yet)
    """

  // MARK: the machine

  private func options(_ clock: any RunClock) -> VM.Options {
    var options = VM.Options()
    options.profile = request.isTrusted ? .trusted : .operator
    options.memoryLimit = request.memoryLimit
    options.now = { clock.now.unixSeconds }
    options.hold = { clock.hold() }
    options.release = { clock.release() }
    options.randomSeed = request.simulates ? Int64(bitPattern: request.seed) : nil
    let finder = ModuleFinder(
      libraries: request.libraries, script: request.scriptName.flatMap { $0 == "-" ? nil : $0 })
    options.findModule = { finder.find($0) }
    return options
  }

  /// Runs one step; nil where its file cannot be read, which has been told.
  private func perform(
    _ step: RunArguments.Step, _ vm: VM, _ log: EventLog, _ signals: Signals
  ) async -> VM.ScriptEnd? {
    switch step {
    case .code(let code):
      return await vm.run(.text(Array(code.utf8), name: "=(command line)"))
    case .module(let given):
      // As lua 5.4 has it: -l name, or -l global=name.
      let parts = given.split(separator: "=", maxSplits: 1).map(String.init)
      let name = parts.last ?? given
      let global = parts.count == 2 ? parts[0] : name.split(separator: "-").first.map(String.init) ?? name
      let code = "local global, name = ...; _G[global] = require(name)"
      return await vm.run(.text(Array(code.utf8), name: "=(command line)"), arguments: [global, name])
    case .file(let path):
      if request.isTrusted { return await vm.run(.file(path), arguments: request.arguments) }
      let contents = path.map(FileContents.read) ?? signals.whileReading { FileContents.readStandardInput() }
      switch contents {
      case .failure(let failure):
        // A misspelt command is taken for a script.
        let meant = path.flatMap { didYouMean($0, among: ["schema", "simulator"]) }
        let hint = meant.map { "; did you mean cvlua \($0)?" } ?? ""
        log.scriptFailed(failure.message + hint, traceback: nil)
        return nil
      case .success(let bytes):
        if let what = Self.kindOfBinary(bytes) {
          log.scriptFailed("\(path ?? "standard input") is \(what); scripts are text", traceback: nil)
          return nil
        }
        let name = path.map { "@\($0)" } ?? "=stdin"
        return await vm.run(.text(bytes, name: name), arguments: request.arguments)
      }
    }
  }
}

extension RunCommand {
  /// What a file is that is no text.
  private static func kindOfBinary(_ bytes: [UInt8]) -> String? {
    if bytes.first == 0x1B { return "Lua bytecode" }
    return bytes.prefix(1024).contains(0) ? "a binary file" : nil
  }
}

extension RunArguments {
  /// The global `arg`, as lua has it: the script at 0, its arguments from 1, what stands before it below 0.
  func setArg(_ core: Core) {
    let stack = core.stack
    stack.pushTable(list: arguments.count, fields: before.count + 1)
    let name = scriptName ?? before.last ?? "cvlua"
    let ahead = scriptName == nil ? Array(before.dropLast()) : before
    stack.push(name)
    stack.set(-2, at: 0)
    for (index, argument) in arguments.enumerated() {
      stack.push(argument)
      stack.set(-2, at: index + 1)
    }
    for (index, argument) in ahead.reversed().enumerated() {
      stack.push(argument)
      stack.set(-2, at: -index - 1)
    }
    core.setGlobal("arg")
  }
}
