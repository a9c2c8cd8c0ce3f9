import Clock
import CommandCenterAPI
internal import Glibc
public import LuaVM
import Scripting
internal import Synchronization
public import Terminal
public import Workflow

/// A session at the prompt: it reads lines, runs them, shows what they give.
public final class Repl: Sendable {
  /// What the prompt needs to know of the program around it.
  public struct Settings: Sendable {
    /// `sim`, or the profile's name; what stands before the prompt's mark.
    public var name = "cvlua"
    public var colour: Colour?
    /// What is said at the beginning, a line each.
    public var banner: [String] = []
    /// Where what was typed is kept; nil keeps nothing.
    public var history: String?
    /// Its waits take no time of ours.
    public var isSimulated = false
    public var modules: @Sendable () -> [String] = { [] }
    public var commcells: @Sendable () -> [String] = { [] }
    /// The text of a module.
    public var findModule: @Sendable (String) -> String? = { _ in nil }

    public init() {}
  }

  private struct State {
    var isRunning = false
    /// No line is taken any more; clean-up runs.
    var isOver = false
    /// What is left is left: the code to exit with.
    var leaving: Int32?
  }

  private let vm: VM
  private let run: Run
  private let output: ErrorOutput
  private let settings: Settings
  private let state = Mutex(State())
  private let completer: Completer
  private let reader: any LineReader

  /// Nil where the terminal cannot be read.
  public init?(_ vm: VM, _ run: Run, _ output: ErrorOutput, _ settings: Settings) {
    self.vm = vm
    self.run = run
    self.output = output
    self.settings = settings
    let completer = Completer(
      vm, Completer.Host(modules: settings.modules, commcells: settings.commcells), clock: run.clock)
    self.completer = completer
    if let editor = LineEditor(output, complete: { completer.complete($0) }) {
      reader = editor
    } else if let plain = PlainLineReader(output) {
      reader = plain
    } else {
      return nil
    }
  }

  // MARK: from other threads

  /// Ctrl-C: interrupts the line that runs, or gives up the one that is typed. Where the session is over it ends
  /// the process.
  public func interrupt() {
    let now = state.withLock { $0 }
    if now.isOver { _exit(130) }
    if now.isRunning {
      vm.interruptLine()
      Question.giveUp()
    } else {
      reader.interrupt()
    }
  }

  /// Ends the session as soon as may be.
  public func leave(_ code: Int32) {
    let isFirst = state.withLock { state in
      defer { state.leaving = state.leaving ?? code }
      return state.leaving == nil
    }
    guard isFirst else { return }
    Question.giveUp()
    vm.interruptLine()
    reader.interrupt()
  }

  // MARK: the session

  /// Takes lines until the end.
  ///
  /// - Parameter first: what is run before the first prompt.
  /// - Returns: the code to exit with.
  public func take(_ first: () async -> Void) async -> Int32 {
    defer { state.withLock { $0.isOver = true } }
    await vm.expectLines()
    let session = self
    await vm.with { core in
      Session.becomeInteractive(core)
      core.onExit = { session.leave($0) }
    }
    for line in settings.banner { output.line(line) }
    var history = History(settings.history)
    for line in history.load() { reader.remember(line) }
    tell(history.warning)
    await running { await first() }
    var input = ReplInput()
    var transcript = Transcript()
    var typed: [String] = []
    var hasBeenWarned = false
    while state.withLock({ $0.leaving }) == nil {
      completer.setBeginning(input.beginning)
      switch await reader.read(prompt(input.beginning != nil)) {
      case .interrupted:
        input.isOver()
        typed = []
      case .end:
        guard !hasBeenWarned, let left = await whatRuns() else { return 0 }
        hasBeenWarned = true
        output.line("\(left); Ctrl-D again leaves")
      case .line(let line):
        hasBeenWarned = false
        let isBlank = line.allSatisfy(\.isWhitespace)
        if !isBlank {
          reader.remember(line)
          typed.append(line)
        }
        if input.beginning == nil, case .command(.quit) = input.take(line) { return 0 }
        let isWhole = await take(line, &input, &transcript)
        guard isWhole else { continue }
        let hadWarned = history.warning != nil
        if !typed.isEmpty { history.keep(typed) }
        typed = []
        if !hadWarned { tell(history.warning) }
      }
    }
    return state.withLock { $0.leaving } ?? 0
  }

  private func tell(_ warning: String?) {
    guard let warning else { return }
    output.line(output.paint("warning: \(ErrorOutput.oneLine(warning))", .yellow))
  }

  private func prompt(_ goesOn: Bool) -> Prompt {
    let name = String(settings.name.prefix(24))
    return goesOn
      ? Prompt(String(repeating: " ", count: name.count) + "> ", .dim) : Prompt(name + "> ", settings.colour)
  }

  /// False where the chunk goes on with the next line.
  private func take(_ line: String, _ input: inout ReplInput, _ transcript: inout Transcript) async -> Bool {
    switch input.take(line) {
    case .none: break
    case .mistake(let sentence): fail(sentence)
    case .explain(let name): await explain(name)
    case .command(let command): await perform(command, transcript)
    case .run(let chunk):
      let end = await running { await self.vm.line(Array(chunk.utf8), name: "=stdin", self.reading(chunk)) }
      switch end {
      case .incomplete:
        input.goesOn(chunk)
        return false
      case .refused(let failure): fail(failure.sentence)
      case .ended(let answer):
        show(answer)
        if !answer.hasFailed { transcript.add(chunk, isChunk: answer.isChunk) }
      }
      input.isOver()
    }
    return true
  }

  /// Ctrl-C is meant for what `body` does.
  private func running<Value>(_ body: () async -> Value) async -> Value {
    state.withLock { $0.isRunning = true }
    defer { state.withLock { $0.isRunning = false } }
    return await body()
  }

  // MARK: a line's end

  private struct Answer: Sendable {
    /// What it gave, as it is shown.
    var values: [String] = []
    var failure: LuaFailure?
    var isChunk = true

    var hasFailed: Bool { failure != nil }
  }

  /// Reads what a line gave, on the machine's thread; the first value is `_`.
  private func reading(_ chunk: String) -> @Sendable (Core, BranchEnd) -> Answer {
    let columns = ErrorOutput.columns
    return { core, end in
      var answer = Answer()
      answer.isChunk = core.isChunk(chunk)
      switch end {
      case .raised(let failure, _): answer.failure = failure
      case .returned(let values):
        let stack = core.stack
        for value in values.prefix(50) {
          guard stack.ensure(20) else { break }
          stack.push(value)
          answer.values.append(ValuePrinter.text(stack, stack.top, columns: columns))
          stack.pop()
        }
        if let first = values.first {
          stack.push(first)
          core.setGlobal("_")
        }
      }
      return answer
    }
  }

  private func show(_ answer: Answer) {
    if let failure = answer.failure {
      // Whoever called os.exit, or pressed Ctrl-C, knows.
      if failure.kind == "exit" { return }
      fail(failure.sentence, failure.kind == "interrupted" ? nil : failure.traceback)
    } else if !answer.values.isEmpty {
      let isLong = answer.values.contains { $0.contains("\n") }
      print(answer.values.joined(separator: isLong ? "\n" : ", "))
      fflush(nil)
    }
  }

  private func fail(_ sentence: String, _ traceback: String? = nil) {
    output.line(output.paint(ErrorOutput.plain(sentence), .red))
    // The line itself is known: only what it called is worth telling.
    let places = (traceback ?? "").split(separator: "\n").filter {
      $0.hasPrefix("\t") && !$0.hasPrefix("\t[C]")
    }
    if places.count > 1 { output.line(ErrorOutput.plain(places.joined(separator: "\n"))) }
  }

  // MARK: questions

  private func page(_ text: String, terminator: String = "\n") {
    print(WordWrap.text(text, columns: ErrorOutput.columns), terminator: terminator)
  }

  private func explain(_ name: String) async {
    if name.isEmpty { return page(Self.help) }
    var name = name
    let path = name.split { $0 == "." || $0 == ":" }.map(String.init)
    if path.count > 1, let shape = await vm.with({ Session.shape($0, of: path.dropLast()) }) {
      name = "\(shape):\(path.last ?? "")"
    } else if let shape = await vm.with({ Session.shape($0, of: path) }), shape != "workload" {
      name = shape
    }
    if let page = APIReference.page(name) { return self.page(page, terminator: "") }
    if let workload = await vm.with({ Session.workload($0, at: path) }),
      let page = APIReference.page("backup.\(workload.name)") ?? APIReference.page("workload")
    {
      return self.page(page, terminator: "")
    }
    if let text = settings.findModule(name), let page = ModulePage.text(name, text) {
      return self.page(page, terminator: "")
    }
    let columns = ErrorOutput.columns
    let shown = await vm.with { core -> String? in
      guard path.count == 1, let name = path.first else { return nil }
      let stack = core.stack
      stack.pushGlobal(name)
      defer { stack.pop() }
      return stack.isNothing(-1)
        ? nil : "\(stack.type(-1).name): " + ValuePrinter.text(stack, stack.top, columns: columns - 12)
    }
    if let shown { return print(shown) }
    let hint = APIReference.meant(name).map { "did you mean \($0)?" } ?? ":help tells what there is"
    fail("nothing is known of \(name); \(hint)")
  }

  // MARK: commands

  private func perform(_ command: ReplInput.Command, _ transcript: Transcript) async {
    switch command {
    case .quit: break
    case .help: page(Self.help)
    case .jobs: print(await jobs())
    case .save(let file):
      if let mistake = transcript.save(file) {
        fail(mistake)
      } else {
        print("saved \(transcript.count) chunks to \(file)")
      }
    case .time(let code): await time(code)
    }
    fflush(nil)
  }

  private func time(_ code: String) async {
    let (begin, clockBegin) = (ContinuousClock.now, run.clock.now)
    let end = await running { await self.vm.line(Array(code.utf8), name: "=stdin", self.reading(code)) }
    let (took, clockTook) = (ContinuousClock.now - begin, run.clock.now - clockBegin)
    switch end {
    case .incomplete: return fail(":time takes a whole chunk on its line")
    case .refused(let failure): return fail(failure.sentence)
    case .ended(let answer): show(answer)
    }
    let simulated = settings.isSimulated ? ", \(DurationText.short(clockTook)) of simulated time" : ""
    let tenths = Int(took / .microseconds(100))
    print(
      "took \(tenths < 100_000 ? "\(tenths / 10).\(tenths % 10) ms" : DurationText.short(took))\(simulated)")
  }

  private func jobs() async -> String {
    var lines: [String] = []
    for attempt in run.attempts {
      let state =
        attempt.outcome?.rawValue
        ?? attempt.jobs.last.map { "\($0.status.name) \($0.percentComplete) %" } ?? "submitted"
      let jobs = attempt.jobIds.isEmpty ? "" : "  job \(attempt.jobIds.joined(separator: ", "))"
      let commcell = attempt.commcell == Commcell.defaultName ? "" : "\(attempt.commcell): "
      lines.append(ErrorOutput.oneLine("\(state)  \(commcell)\(attempt.workload)  \(attempt.target)\(jobs)"))
    }
    for branch in await vm.with({ $0.branchViews }) where !branch.isLine {
      lines.append(
        ErrorOutput.oneLine("branch \(branch.id)  " + (branch.place.map { "at \($0)" } ?? "begins")))
    }
    return lines.isEmpty ? "nothing was submitted, and no branch runs" : lines.joined(separator: "\n")
  }

  /// What goes on still; nil where nothing does.
  private func whatRuns() async -> String? {
    let branches = await vm.with { $0.branchViews.count }
    let backups = run.attempts.count { $0.outcome == nil }
    var parts: [String] = []
    if branches > 0 { parts.append("\(branches) branch\(branches == 1 ? " runs" : "es run")") }
    if backups > 0 {
      parts.append(
        "\(backups) backup\(backups == 1 ? "" : "s") \(backups == 1 ? "has" : "have") not ended (their jobs run on)"
      )
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private static let help = """
    Lua, line by line; what is not complete goes on with the next line. An expression shows its value, which is _ then.
    Whatever waits, such as task:wait(), keeps only its line; what flow.spawn starts goes on, and prints above.

      name?         what it takes, gives and does, with an example: flow.map?  task:wait?  backup.rds?  ladder?
      Tab           completes: names, fields of backups and their values, clients, modules, files
      Ctrl-C        gives up the line that is typed, or interrupts the one that runs, and nothing else
      Ctrl-R        looks for a line in the history; a line that begins with a blank, or may hold a secret, is not kept
      =CODE         what CODE gives, as CODE alone shows it
      :jobs         what was submitted, and which branches run
      :time CODE    how long it takes
      :save FILE    what was typed so far, as a script
      :quit         leaves, as Ctrl-D does

    A name that lasts is a global: local x is gone with its line.
    """
}

/// What was typed and went well, to be kept as a script.
private struct Transcript {
  private var text = ""
  private(set) var count = 0

  mutating func add(_ chunk: String, isChunk: Bool) {
    count += 1
    // What only shows a value is no statement.
    text += (isChunk ? chunk : "print(\(chunk))") + "\n"
  }

  /// Writes a new file; a sentence where that fails.
  func save(_ path: String) -> String? {
    if count == 0 { return "nothing has run so far that could be saved" }
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      return errno == EEXIST
        ? "\(path) is there already: name another file" : "\(path): \(String(cString: strerror(errno)))"
    }
    defer { close(file) }
    let bytes = Array(text.utf8)
    return write(file, bytes, bytes.count) == bytes.count
      ? nil : "\(path): \(String(cString: strerror(errno)))"
  }
}
