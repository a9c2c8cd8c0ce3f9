import Clock
import CommandCenter
import CommandCenterAPI
import Console
import Dispatch
internal import Glibc
import Journal
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
  private let plan = Plan()

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
    return await request.prepared(output) { await run(steps, $0, $1) }
  }

  private func run(
    _ steps: [RunArguments.Step], _ inventory: Inventory?, _ profiles: Profiles
  ) async -> Int32 {
    let clock = request.makeClock()
    let log = EventLog(request.logFormat, output, clock: clock, isSimulated: request.simulates)
    let opening: RunOpening
    do throws(RunOpening.Failure) {
      opening = try await RunOpening.open(request, steps, profiles, finder(profiles), clock: clock)
    } catch {
      output.line("cvlua: \(error.sentence)")
      if !Question.hasTerminal {
        let telling = Self.telling(request, profiles, nil, of: nil, clock: clock) { [output] in
          output.line("cvlua: \($0)")
        }
        await telling?.refused(error.sentence, exitCode: error.exitCode)
      }
      return error.exitCode
    }
    let logbook = opening.logbook
    let steps = opening.script.map { steps.dropLast() + [$0] } ?? steps
    let progress = progress(clock, opening, profiles)
    let vm = VM(options(clock, profiles, logbook, progress, finder(profiles)))
    let run = Run(
      clock: clock, rules: request.rules, started: opening.started, ledger: logbook?.ledger,
      executor: request.simulates ? vm.thread : nil, progressEvery: progress?.lookEvery
    ) { [plan, request] event in
      if request.plans { plan.take(event) }
      log.tell(event)
      progress?.take(event)
    }
    for warning in opening.warnings { run.log(LogLine(level: .warning, message: warning, fields: [])) }
    for reason in opening.attention { run.raise(reason) }
    let telling = Self.telling(request, profiles, opening, of: run, clock: clock) {
      run.log(LogLine(level: .warning, message: $0, fields: []))
    }
    telling?.begin()
    let commcells = request.makeCommcells(profiles, inventory, vm, run)
    let command = self
    let signals = Signals(
      vm,
      interrupt: { run.stopSettling() },
      remind: {
        let text = "interrupted; the script is still cleaning up, a second Ctrl-C leaves at once"
        run.log(LogLine(level: .warning, message: text, fields: []))
      },
      close: { number in
        var ending = Conclusion.Ending()
        ending.signal = number
        progress?.end()
        let end = RunEnd(run, ending, exitMap: command.request.exitMap)
        let code = command.close(end, of: run, commcells, log)
        guard let logbook else { return code }
        // The process ends with this: a disk that hangs keeps it for some seconds at most.
        let isWritten = DispatchSemaphore(value: 0)
        Task {
          _ = await logbook.end(Self.state(of: run, end), exitCode: code, at: clock.now)
          isWritten.signal()
        }
        _ = isWritten.wait(timeout: .now() + .seconds(5))
        return code
      })
    if !request.isTrusted { signal(SIGPIPE, SIG_IGN) }

    do throws(LuaFailure) {
      try await request.open(vm, run, commcells, finder(profiles), telling)
    } catch {
      output.line("cvlua: \(error.sentence)")
      return 70
    }

    var ending = Conclusion.Ending()
    clock.hold()
    for step in steps {
      guard let end = await perform(step, vm, log, signals) else {
        ending.isUsageError = true
        break
      }
      if let stopped = await vm.with({ core in Session.stopped(core) }) {
        if stopped.kind == LuaFailure.unsafe {
          ending.needsOperator = stopped.sentence
        } else {
          ending.isUsageError = true
        }
        log.scriptFailed(stopped.sentence, traceback: nil)
        run.raise(
          AttentionReason(stopped.kind == LuaFailure.unsafe ? .stopped : .script, stopped.sentence))
        break
      }
      ending.exit = end.exitCode
      if !request.isTrusted { ending.returned = end.returned }
      if let failure = end.failure {
        ending.scriptFailed = true
        if failure.kind != "interrupted" {
          log.scriptFailed(failure.sentence, traceback: failure.traceback)
          run.raise(AttentionReason(.script, failure.sentence))
        }
      }
      if ending.exit != nil || ending.scriptFailed || signals.first != nil { break }
    }
    if signals.first == nil { await run.settle() }
    await vm.with { core in Session.reportUnjoined(core) }
    ending.signal = signals.first
    // What came of some backups is not on disk: the run is not over until it is.
    if let failure = logbook?.ledger.failure {
      ending.needsOperator = ending.needsOperator ?? failure.description
      run.raise(AttentionReason(.stopped, failure.description))
    }
    if let left = Self.unclaimed(run), ending.signal == nil, ending.exit == nil, !ending.scriptFailed,
      !ending.isUsageError, ending.needsOperator == nil
    {
      ending.needsOperator = left
      run.raise(AttentionReason(.stopped, left))
    }
    let dropped = request.usesCurrent ? Self.dropped(run, ending) : []
    var end = RunEnd(run, ending, exitMap: request.exitMap)
    if Self.needsHuman(end, run), !request.plans {
      await tell(end, of: run, vm)
    }
    await commcells.close()
    if !ending.scriptFailed, !ending.isUsageError, signals.first == nil {
      tellMisses(commcells.remarks.misses, run)
    }
    clock.release()
    if ending.signal == nil, let late = signals.first {
      ending.signal = late
      end = RunEnd(run, ending, exitMap: request.exitMap)
    }
    // Else it is being told already, and the process ends.
    guard signals.mayClose() else { while true { pause() } }
    progress?.end()
    // Whoever watches need not wait for those who are told.
    let findings =
      request.plans && request.profile != nil ? await PlanCheck(profiles).findings(for: plan) : nil
    let code = close(end, of: run, commcells, log, findings, dropped: dropped)
    let notice = Self.notice(end, of: run, opening, request)
    let isWritten = await logbook?.end(
      Self.state(of: run, end), exitCode: end.conclusion.exitCode, at: clock.now,
      telling?.messages(notice) ?? [])
    clock.hold()
    await telling?.end(
      notice, exitCode: end.conclusion.exitCode, isWritten: isWritten ?? false,
      isInterrupted: end.ending.signal != nil)
    clock.release()
    await logbook?.close()
    await vm.close()
    return code
  }

  /// Has the script's own function tell whoever should know that something needs a human.
  private func tell(_ end: RunEnd, of run: Run, _ vm: VM) async {
    let attention = Attention(
      end.attention, run: run.ledger?.run.description ?? request.scriptName ?? "-e", night: run.night,
      conclusion: end.conclusion)
    if let sentence = await Session.attend(attention, vm) {
      run.log(LogLine(level: .error, message: "run.on_attention: \(sentence)", fields: []))
    }
  }

  /// Says which faults met nothing: whoever misspelt one would think that the script stands it.
  func tellMisses(_ misses: [FaultPlan.Miss], _ run: Run) {
    for miss in misses where request.faultWords.indices.contains(miss.part) {
      let message = "\(request.faultWords[miss.part]) hit nothing: \(miss.reason)"
      run.log(LogLine(level: .warning, message: message, fields: []))
    }
  }

  /// Tells what the run came to.
  private func close(
    _ end: RunEnd, of run: Run, _ commcells: any Commcells, _ log: EventLog,
    _ findings: PlanCheck.Findings? = nil, dropped: [String] = []
  ) -> Int32 {
    let (attempts, conclusion) = (end.attempts, end.conclusion)
    let remarks = commcells.remarks
    let report = RunReport(
      isSimulated: request.simulates, seed: request.simulates ? request.seed : nil, night: run.night,
      started: run.started, finished: end.moment, attempts: attempts, conclusion: conclusion,
      isInvented: { commcells.isInvented($0) }, run: run.ledger?.run.description,
      isResumable: Self.state(of: run, end) != .finished, hasOpenJobs: Self.hasOpenJobs(run, attempts),
      places: remarks.places,
      warnings: end.warnings + dropped + remarks.warnings, attention: end.attention,
      requests: remarks.requests)
    switch request.logFormat {
    case .json: log.finished(report)
    case .text where request.plans:
      // What is wrong with the script has been told; a part of a plan is none.
      if end.ending.isUsageError || end.ending.scriptFailed { return conclusion.exitCode }
      let script = request.scriptName ?? "the command line"
      for line in plan.lines(of: script, report, findings?.lines ?? []) { print(line) }
      if conclusion.outcome == "script_error" { return conclusion.exitCode }
      return findings?.isGood ?? true ? 0 : 2
    case .text:
      // That a later submit was left out is told, good as the targets are.
      let hasNews = !conclusion.isGood || Verdict(attempts).leftOut > 0
      if !attempts.isEmpty, !request.isQuiet || hasNews {
        Recap(report, output).print()
      } else if ["interrupted", "returned", "needs_operator", "short"].contains(conclusion.outcome) {
        output.line("cvlua: \(conclusion.sentence)")
        if let way = report.wayOn { output.line(way) }
      }
      if attempts.isEmpty { for sentence in dropped { output.line("cvlua: \(sentence)") } }
    }
    return conclusion.exitCode
  }

  /// What the journal says of a run that ends so.
  private static func state(of run: Run, _ end: RunEnd) -> RunState {
    let ending = end.ending
    if ending.signal != nil { return .interrupted }
    // It did not come as far as an earlier life did, or lacked something after its first submits, such as a
    // profile: whoever mends that resumes. Else the next start would back up the same once more.
    let hasSubmits = ending.isUsageError && !end.attempts.isEmpty
    let fellShort = ending.isUsageError || ending.scriptFailed
    if hasSubmits || fellShort && !(run.ledger?.unclaimedSubmits.isEmpty ?? true) { return .interrupted }
    return end.conclusion.ownCode == 20 ? .needsOperator : .finished
  }

  /// The view of how far the run is; nil for a rehearsal that nobody wants to watch, and where there is no Command
  /// Center.
  private func progress(
    _ clock: any RunClock, _ opening: RunOpening, _ profiles: Profiles
  ) -> Progress? {
    if request.plans || request.simulates && [.auto, .none].contains(request.progress) { return nil }
    if !request.simulates, profiles.all.isEmpty, profiles.own == nil { return nil }
    return Progress(
      request.progress, request.logFormat, isQuiet: request.isQuiet, output, clock: clock,
      started: opening.started ?? clock.now, isSimulated: request.simulates)
  }

  /// What the script may require and read.
  private func finder(_ profiles: Profiles) -> ModuleFinder {
    ModuleFinder(
      libraries: request.libraries, ofProfile: profiles.own?.libraries ?? [],
      script: request.scriptName.flatMap { $0 == "-" ? nil : $0 })
  }

  // MARK: the machine

  func options(
    _ clock: any RunClock, _ profiles: Profiles, _ logbook: Logbook?, _ progress: Progress?,
    _ finder: ModuleFinder
  ) -> VM.Options {
    var options = VM.Options()
    options.profile = request.isTrusted ? .trusted : .operator
    options.memoryLimit = request.memoryLimit
    options.now = { clock.now.unixSeconds }
    if let progress { options.reading = { progress.reading($0) } }
    options.hold = { clock.hold() }
    options.release = { clock.release() }
    let seed = logbook?.seed ?? (request.simulates ? request.seed : nil)
    options.randomSeed = seed.map { Int64(bitPattern: $0) }
    options.findModule = { name in logbook?.find(name, finder.find) ?? finder.find(name) }
    options.openLibrary = { call, library throws(LuaFailure) in
      if logbook?.hasUsed(library) ?? false { return }
      try finder.check(library, call)
    }
    return options
  }

  /// Runs one step; nil where its file cannot be read, which has been told. Called with a hold on the clock.
  private func perform(
    _ step: RunArguments.Step, _ vm: VM, _ log: EventLog, _ signals: Signals
  ) async -> VM.ScriptEnd? {
    switch step {
    case .code(let code):
      return await vm.run(.text(Array(code.utf8), name: "=(command line)"))
    case .module(let given):
      let (code, arguments) = Self.requiring(given)
      return await vm.run(.text(Array(code.utf8), name: "=(command line)"), arguments: arguments)
    case .source(let bytes, let path):
      return await vm.run(.text(bytes, name: "@\(path)"), arguments: request.arguments)
    case .file(let path):
      if request.isTrusted { return await vm.run(.file(path), arguments: request.arguments) }
      let contents = path.map(FileContents.read) ?? signals.whileReading { FileContents.readStandardInput() }
      switch contents {
      case .failure(let failure):
        // A misspelt command is taken for a script.
        let meant = path.flatMap { didYouMean($0, among: Subcommands.names) }
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
  /// What `-l` runs, as lua 5.4 has it: -l name, or -l global=name.
  static func requiring(_ given: String) -> (code: String, arguments: [String]) {
    let parts = given.split(separator: "=", maxSplits: 1).map(String.init)
    let name = parts.last ?? given
    let global = parts.count == 2 ? parts[0] : name.split(separator: "-").first.map(String.init) ?? name
    return ("local global, name = ...; _G[global] = require(name)", [global, name])
  }

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
