import Clock
import CommandCenter
internal import Glibc
import Journal
import LuaVM
import Scripting
import Terminal
import Workflow

/// What comes before a run: its record in the journal, and a look at what an earlier one has left.
struct RunOpening {
  /// Nil where the run is not written down.
  var logbook: Logbook?
  /// When a run that is resumed began; nil for a new one.
  var started: Moment?
  /// The script as the run that is resumed began with it.
  var script: RunArguments.Step?
  /// What an operator should know before it begins.
  var warnings: [String] = []
  /// What a human should know of earlier runs.
  var attention: [AttentionReason] = []
  /// The script, as the journal calls it; nil where the run is not written down.
  var scriptName: String?

  /// Why there is no run: a sentence, and the exit code.
  struct Failure: Error {
    var sentence: String
    var exitCode: Int32

    init(_ sentence: String, exitCode: Int32) { (self.sentence, self.exitCode) = (sentence, exitCode) }

    init(_ error: JournalError) {
      sentence = error.description
      switch error {
      case .scriptIsAlive, .runIsAlive:
        sentence += "; nothing was done"
        exitCode = 75
      case .noSuchRun, .runHasEnded: exitCode = 64
      default: exitCode = 20
      }
    }
  }

  static func open(
    _ request: RunArguments, _ steps: [RunArguments.Step], _ profiles: Profiles, _ finder: ModuleFinder,
    clock: any RunClock
  ) async throws(Failure) -> RunOpening {
    do throws(JournalError) {
      guard let file = try file(of: request, profiles) else { return RunOpening() }
      let store = SQLiteJournal(file: file, hooks: CrashPoints.ofJournal)
      if let run = request.resumes {
        // Nobody else writes once it is held.
        let record = try await store.history(of: run).run
        let work = RunOptions(record.options).work(record.arguments)
        let lock = try await store.lock(script: record.script, work: work)
        let history = try await store.history(of: run)
        return try await resume(
          history, request.usesCurrent ? nil : Logbook.changed(history, finder.find), store, lock)
      }
      guard let script = script(request, steps) else { return RunOpening() }
      let options = RunOptions(request, steps, profile: profiles.own?.name)
      let lock =
        script.isFile
        ? try await store.lock(script: script.source.name, work: options.work(request.arguments)) : nil
      var opening = RunOpening()
      let start = clock.now
      if let held = lock {
        var earlier = try await earlierRuns(of: script.source.name, store, request.simulates)
        let tonight = Night(start: start).date
        // Another piece of tonight's work is nobody's to close or to take up here.
        let waiting = earlier.filter { $0.night == tonight }.compactMap {
          remark(onOther: $0, request, options)
        }
        let reasons = waiting.map { AttentionReason(.waitingRun, $0) }
        earlier.removeAll { $0.night == tonight && remark(onOther: $0, request, options) != nil }
        if let run = earlier.first(where: { $0.night == tonight }) {
          let history = try await store.history(of: run.id)
          let changed = Logbook.changed(history, finder.find)
          if await takesUp(run, changed) {
            var opening = try await resume(history, changed, store, held)
            if !Question.hasTerminal {
              opening.attention = opening.warnings.map { AttentionReason(.takenUp, $0) }
            }
            opening.warnings += waiting
            opening.attention += reasons
            return opening
          }
        }
        let recipients = request.simulates ? [] : profiles.own?.recipients ?? []
        let closer = EarlierRuns(store, clock)
        for run in earlier {
          guard let closing = try await closer.close(run, telling: recipients) else { continue }
          opening.warnings += closing.remarks
          opening.attention += closing.reasons.map { AttentionReason(.closedRun, $0) }
        }
        opening.attention += reasons
        opening.warnings += waiting
      }
      if !request.usesCurrent, let rerun = request.reruns,
        let changed = Self.text(Logbook.changed(rerun, finder.find))
      {
        opening.warnings.append(
          "\(changed) since run \(rerun.run.id), which is run once more as it was; to run it as it is now, use cvlua rerun \(rerun.run.id) --with-current"
        )
      }
      opening.logbook = try await Logbook.begin(
        store, script: script.source, request: request, options, night: Night(start: start), at: start,
        lock: lock)
      opening.scriptName = script.source.name
      return opening
    } catch {
      throw Failure(error)
    }
  }

  private static func file(of request: RunArguments, _ profiles: Profiles) throws(JournalError) -> String? {
    switch request.journal {
    case .none: return nil
    case .file(let file):
      try SQLiteJournal.requireFolder(of: file)
      return file
    case .usual: return request.simulates || profiles.own == nil ? nil : try Logbook.usualFile()
    }
  }

  /// - Parameter changed: which of its texts are other ones now; nil where it goes on with those.
  private static func resume(
    _ history: RunHistory, _ changed: [String]?, _ store: SQLiteJournal, _ lock: ScriptLock
  ) async throws(JournalError) -> RunOpening {
    let run = history.run.id
    var opening = RunOpening()
    opening.started = history.run.startedAt
    opening.scriptName = history.run.script
    opening.logbook = try await Logbook.resume(store, history, lock: lock, usesCurrent: changed == nil)
    if changed == nil {
      opening.script = .file(history.run.script)
    } else {
      opening.script = try await store.source(history.run.scriptHash).map {
        .source($0, path: history.run.script)
      }
    }
    let how = changed == nil ? " with the script as it is now" : ""
    opening.warnings = ["run \(run) is taken up again\(how): what it has done is not done twice"]
    if let changed = text(changed ?? []) {
      opening.warnings.append(
        "\(changed) since run \(run) began, which goes on as it was; to go on as it is now, interrupt this and use cvlua resume \(run) --with-current"
      )
    }
    return opening
  }

  /// `night.lua and module mine have changed`; nil where nothing has.
  private static func text(_ changed: [String]) -> String? {
    guard let last = changed.last else { return nil }
    if changed.count == 1 { return "\(last) has changed" }
    return changed.dropLast().joined(separator: ", ") + " and \(last) have changed"
  }

  /// Whether tonight's run that did not come to its end goes on, in place of a new one, which would back up the
  /// same once more. Where nobody can be asked it does.
  private static func takesUp(_ run: RunRecord, _ changed: [String]) async -> Bool {
    guard Question.hasTerminal else { return true }
    let how = text(changed).map { " (\($0) since)" } ?? ""
    let answer = await Question.ask(
      "cvlua: run \(run.id) of tonight did not come to its end. Take it up again, with the script as it was\(how)? [Y/n] "
    )
    return !["n", "no"].contains(answer?.lowercased() ?? "y")
  }

  /// That a run of the script waits which does other work than the request asks for; nil where it is the same.
  private static func remark(
    onOther run: RunRecord, _ request: RunArguments, _ wanted: RunOptions
  ) -> String? {
    let options = RunOptions(run.options)
    let other: String
    if run.arguments != request.arguments {
      other = "other arguments"
    } else if options.variables != wanted.variables {
      other = "other variables"
    } else if options.profile != wanted.profile {
      other = "another profile"
    } else if options.configurationFile != wanted.configurationFile {
      other = "another configuration file"
    } else if options.preludes != wanted.preludes {
      other = "other code before it (-e, -l)"
    } else {
      return nil
    }
    return
      "run \(run.id) of this script, with \(other), did not come to its end; cvlua resume \(run.id) takes it up"
  }

  /// The text that is run, under the name that tells it from others; nil where it cannot be known.
  private static func script(
    _ request: RunArguments, _ steps: [RunArguments.Step]
  ) -> (source: Source, isFile: Bool)? {
    let code = steps.compactMap { step in
      if case .code(let code) = step { code } else { nil }
    }
    guard let last = steps.last else { return nil }
    switch last {
    case .file(let path?):
      guard case .success(let bytes) = FileContents.read(path), let real = realpath(path, nil) else {
        return nil
      }
      defer { free(real) }
      return (Source(name: String(cString: real), bytes: bytes), true)
    case .file(nil): return (Source(name: "=stdin", bytes: []), false)
    case .source(let bytes, let path): return (Source(name: path, bytes: bytes), path.hasPrefix("/"))
    case .code, .module:
      return (Source(name: "=(command line)", bytes: Array(code.joined(separator: "\n").utf8)), false)
    }
  }

  /// Runs of the script that did not come to their ends and that nobody drives, newest first.
  private static func earlierRuns(
    of script: String, _ store: SQLiteJournal, _ isSimulated: Bool
  ) async throws(JournalError) -> [RunRecord] {
    var filter = RunFilter.unfinished
    filter.script = script
    filter.isSimulated = isSimulated
    var runs: [RunRecord] = []
    for run in try await store.runs(filter) where try await !store.isAlive(run.id) { runs.append(run) }
    return runs
  }
}
