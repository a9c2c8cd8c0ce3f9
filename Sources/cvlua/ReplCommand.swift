import Clock
import CommandCenter
import Console
import Dispatch
internal import Glibc
import Journal
import LuaVM
import Scripting
import Simulator
import Terminal
import Workflow

/// `cvlua` on a terminal, and `cvlua -i FILE`: a session at the prompt.
struct ReplCommand {
  private let request: RunArguments
  private let output: ErrorOutput

  init(_ request: RunArguments, _ output: ErrorOutput) {
    self.request = request
    self.output = output
  }

  /// Whether the command line asks for a prompt.
  static func isWanted(_ request: RunArguments) -> Bool {
    if request.plans || request.resumes != nil { return false }
    return request.wantsPrompt || (request.steps.isEmpty && isatty(STDIN_FILENO) != 0)
  }

  /// - Returns: the exit code.
  func run() async -> Int32 {
    guard isatty(STDIN_FILENO) != 0, isatty(STDERR_FILENO) != 0 else {
      output.line("cvlua: -i needs a terminal; without -i a script is read from standard input")
      return 64
    }
    return await request.prepared(output) { await run($0, $1) }
  }

  private func run(_ inventory: Inventory?, _ profiles: Profiles) async -> Int32 {
    let clock = request.makeClock()
    let log = EventLog(request.logFormat, output, clock: clock, isSimulated: request.simulates)
    let finder = ModuleFinder(
      libraries: request.libraries, ofProfile: profiles.own?.libraries ?? [],
      script: request.scriptName ?? "./session")
    let vm = VM(RunCommand(request, output).options(clock, profiles, nil, nil, finder))
    let run = Run(
      clock: clock, rules: request.rules, executor: request.simulates ? vm.thread : nil
    ) { event in
      log.tell(event)
      if case .finished(let attempt) = event { log.finished(attempt) }
    }
    let commcells = request.makeCommcells(profiles, inventory, vm, run, asksAgain: true)
    do throws(LuaFailure) {
      let telling = RunCommand.telling(request, profiles, nil, of: run, clock: clock) {
        run.log(LogLine(level: .warning, message: $0, fields: []))
      }
      try await request.open(vm, run, commcells, finder, telling)
    } catch {
      output.line("cvlua: \(error.sentence)")
      return 70
    }
    guard let repl = Repl(vm, run, output, settings(profiles, finder)) else {
      output.line("cvlua: the terminal cannot be read")
      return 70
    }
    signal(SIGPIPE, SIG_IGN)
    SessionSignals.watch(repl)
    let code = await repl.take { await perform(vm, log) }
    return await end(code, run, vm, commcells, clock)
  }

  // MARK: what is run first

  /// Runs what the command line names.
  private func perform(_ vm: VM, _ log: EventLog) async {
    for step in request.steps {
      let read: @Sendable (Core, BranchEnd) -> LuaFailure? = { _, end in end.failure }
      let end: VM.LineEnd<LuaFailure?>
      switch step {
      case .code(let code):
        end = await vm.line(.text(Array(code.utf8), name: "=(command line)"), arguments: [], read)
      case .module(let given):
        let (code, arguments) = RunCommand.requiring(given)
        end = await vm.line(.text(Array(code.utf8), name: "=(command line)"), arguments: arguments, read)
      case .source(let bytes, let path):
        end = await vm.line(.text(bytes, name: "@\(path)"), arguments: request.arguments, read)
      case .file(nil): continue
      case .file(let path?):
        switch FileContents.read(path) {
        case .failure(let failure):
          log.scriptFailed(failure.message, traceback: nil)
          continue
        case .success(let bytes):
          end = await vm.line(.text(bytes, name: "@\(path)"), arguments: request.arguments, read)
        }
      }
      switch end {
      case .incomplete: break
      case .refused(let failure): log.scriptFailed(failure.sentence, traceback: failure.traceback)
      case .ended(let failure):
        // The prompt comes all the same, as lua has it: what went wrong can be looked into.
        if let failure, failure.kind != "exit" {
          log.scriptFailed(failure.sentence, traceback: failure.traceback)
        }
      }
    }
  }

  // MARK: the prompt

  private func settings(_ profiles: Profiles, _ finder: ModuleFinder) -> Repl.Settings {
    var settings = Repl.Settings()
    settings.isSimulated = request.simulates
    if let folder = try? Logbook.stateFolder() {
      let file = "\(folder)/history"
      // Where it cannot be made, writing says why.
      try? StateDirectory.make(folder, for: file)
      settings.history = file
    }
    settings.modules = { finder.names }
    settings.commcells = { profiles.all.map(\.name) }
    settings.findModule = { name in
      if case .found(let text, _, _) = finder.find(name) {
        String(decoding: text, as: UTF8.self)
      } else {
        nil
      }
    }
    settings.banner = [
      "\(Version.text); :help tells what there is, Ctrl-D leaves"
    ]
    if request.simulates {
      settings.name = "sim"
      settings.colour = .yellow
      settings.banner.append(
        output.paint("SIMULATED", .yellow) + " Command Center, seed \(request.seed); what waits takes no time"
      )
    } else if let profile = profiles.own {
      settings.name = profile.name
      settings.colour = .red
      let asks = request.isAgreed ? "a submit does not ask (--yes)" : "the first submit asks"
      settings.banner.append(
        output.paint("LIVE", .red) + " at \(ErrorOutput.oneLine(Connection.place(of: profile)))")
      settings.banner.append("\(asks); a session is not in the journal")
    } else {
      settings.banner.append(
        "no Command Center: \(profiles.all.isEmpty ? "write a profile (see cvlua --help)" : "name a profile with --profile"), or rehearse with --simulate"
      )
    }
    return settings
  }

  // MARK: the end

  /// How often is looked whether clean-up is over.
  private static let mostLooks = 250

  private func end(
    _ code: Int32, _ run: Run, _ vm: VM, _ commcells: any Commcells, _ clock: any RunClock
  ) async -> Int32 {
    // Clean-up of what still runs has some seconds; whoever does not want to wait presses Ctrl-C.
    vm.interrupt()
    var looks = 0
    while looks < Self.mostLooks, await !vm.with({ $0.branchViews.isEmpty }) {
      try? await Task.sleep(for: .milliseconds(20))
      looks += 1
    }
    clock.hold()
    await commcells.close()
    RunCommand(request, output).tellMisses(commcells.remarks.misses, run)
    clock.release()
    var ending = Conclusion.Ending()
    ending.exit = code
    let end = RunEnd(run, ending)
    if !end.attempts.isEmpty, !request.isQuiet {
      let remarks = commcells.remarks
      let report = RunReport(
        isSimulated: request.simulates, seed: request.simulates ? request.seed : nil, night: run.night,
        started: run.started, finished: end.moment, attempts: end.attempts, conclusion: end.conclusion,
        isInvented: { commcells.isInvented($0) }, places: remarks.places,
        warnings: end.warnings + remarks.warnings, attention: end.attention, requests: remarks.requests)
      Recap(report, output).printSession()
    }
    return code
  }
}

/// Ctrl-C, and what ends a session from outside.
enum SessionSignals {
  /// What clean-up may take.
  private static let grace = 10

  static func watch(_ repl: Repl) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        // The handler keeps the source, so that it lasts as long as the process.
        withExtendedLifetime(source) {
          if number == SIGINT { return repl.interrupt() }
          repl.leave(128 + number)
          DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(grace)) { _exit(128 + number) }
        }
      }
      source.activate()
    }
  }
}
