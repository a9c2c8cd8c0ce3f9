import Clock
import CommandCenterAPI
import Console
import Journal
import Simulator
import Workflow

/// A command line that asks for something impossible: one sentence.
struct UsageError: Error {
  let message: String
  /// 75 where a live process is in the way.
  var exitCode: Int32 = 64

  init(_ message: String) { self.message = message }
}

/// The options of a run. Read by hand, in lua's own order: what stands behind FILE is the script's.
struct RunArguments {
  /// Where the run is written down.
  enum JournalChoice {
    /// Live runs in the state directory, simulated ones nowhere.
    case usual
    case file(String)
    case none
  }

  enum Step {
    case code(String)
    case module(String)
    /// Nil is standard input.
    case file(String?)
    /// A script as the journal has it.
    case source([UInt8], path: String)
  }

  var steps: [Step] = []
  /// What the script gets as `...` and `arg`.
  var arguments: [String] = []
  /// `arg[0]`, and what stands before it at negative indexes.
  var scriptName: String?
  var before: [String] = []

  var simulates = false
  /// `cvlua plan`: what would be submitted, from a rehearsal.
  var plans = false
  var seed: UInt64 = 1
  var faults = FaultPlan()
  /// As they were given.
  var faultsText = ""
  /// The parts of `faults` as they were typed, with the option: for what is said of them.
  private(set) var faultWords: [String] = []
  var limits = HourlyLimits()
  var start: Moment?
  var inventoryFile: String?
  /// Where the simulated Command Center is kept, to outlive the process.
  var stateFile: String?
  var profile: String?
  var configurationFile: String?
  var journal = JournalChoice.usual
  /// The run that is taken up again.
  var resumes: RunID?
  /// It goes on with the script and modules as they are now.
  var usesCurrent = false
  /// The run that is run once more.
  var reruns: RunHistory?
  /// Steps of an earlier run whose results answer in this one.
  var answered: [StepRecord] = []
  /// `--yes`: nobody is asked before the first submit.
  var isAgreed = false
  var libraries: [String] = []
  var isTrusted = false
  var memoryLimit = 0
  var logFormat = EventLog.Format.text
  var isQuiet = false
  var progress = Progress.Choice.auto
  var rules = RunRules()
  /// `--exit-map`: what the process exits with in place of a code.
  var exitMap: [Int32: Int32] = [:]
  /// `--var`
  var variables: [String: String] = [:]
  /// `-i`: a prompt comes after what is run.
  var wantsPrompt = false
  var wantsHelp = false
  var wantsVersion = false

  private static let options =
    rules + [
      "-e", "-i", "-l", "-", "--", "--simulate", "--seed", "--faults", "--limit", "--at", "--inventory",
      "--state",
      "--profile",
      "--config", "--journal", "--yes", "--library", "--trusted", "--memory", "--log-format", "--progress",
      "--quiet",
      "--version",
      "--help", "-v", "-h",
    ]

  /// A run that is taken up again, with the script that it began with.
  init(resuming run: RunRecord, script: [UInt8], _ options: RunOptions) {
    before = [CommandLine.arguments.first ?? "cvlua"]
    scriptName = run.script
    arguments = run.arguments
    steps = options.preludes.map { prelude in
      switch prelude {
      case .code(let code): .code(code)
      case .module(let module): .module(module)
      }
    }
    steps.append(.source(script, path: run.script))
    resumes = run.id
    simulates = run.isSimulated
    seed = run.seed
    rules = options.rules
    exitMap = options.exitMap
    variables = options.variables
    libraries = options.libraries
    profile = options.profile
    configurationFile = options.configurationFile
    isTrusted = options.isTrusted
    inventoryFile = options.inventoryFile
    stateFile = options.stateFile
    faultsText = options.faults
    // It was read before.
    faults = (try? FaultPlan.parse(options.faults)) ?? FaultPlan()
  }

  /// - Parameter plans: for `cvlua plan`.
  init(_ given: [String], plans: Bool = false) throws(UsageError) {
    self.plans = plans
    simulates = plans
    before = [CommandLine.arguments.first ?? "cvlua"]
    var index = 0
    var simulatorOption: String?

    func value(_ option: String, _ inline: String?) throws(UsageError) -> String {
      if let inline { return inline }
      index += 1
      guard index < given.count else { throw UsageError("\(option) needs a value; see cvlua --help") }
      before.append(given[index])
      return given[index]
    }

    while index < given.count {
      let whole = given[index]
      if whole == "-" || !whole.hasPrefix("-") { break }
      before.append(whole)
      var option = whole
      var inline: String?
      if whole.hasPrefix("--"), let equals = whole.firstIndex(of: "=") {
        option = String(whole[..<equals])
        inline = String(whole[whole.index(after: equals)...])
      } else if whole.hasPrefix("-e") || whole.hasPrefix("-l"), whole.count > 2 {
        // As lua has it: -lmodule, -eCODE.
        option = String(whole.prefix(2))
        inline = String(whole.dropFirst(2))
      }
      if ["--seed", "--faults", "--limit", "--at", "--inventory"].contains(option) {
        simulatorOption = option
      }
      switch option {
      case "-e": steps.append(.code(try value(option, inline)))
      case "-i": wantsPrompt = true
      case "-l": steps.append(.module(try value(option, inline)))
      case "--simulate": simulates = true
      case "--assume" where plans:
        let assumed = try Assumption.read(try value(option, inline))
        faultsText = assumed.map(\.fault).joined(separator: ",")
        do throws(FaultError) { faults = try FaultPlan.parse(faultsText) } catch {
          throw UsageError("--assume: \(error.description)")
        }
        faultWords = assumed.map { "\(option) \($0.text)" }
      case "--seed":
        let text = try value(option, inline)
        guard let number = UInt64(text) else {
          throw UsageError("--seed takes a whole number, not \"\(text)\"")
        }
        seed = number
      case "--faults":
        let text = try value(option, inline)
        faultsText = text
        do throws(FaultError) { faults = try FaultPlan.parse(text) } catch {
          throw UsageError("--faults: \(error.description)")
        }
        faultWords = Self.words(option, text)
        if let fault = faults.needsConnection {
          throw UsageError("--faults: \(fault) needs a real connection: use it with cvlua simulator")
        }
      case "--limit":
        let text = try value(option, inline)
        do throws(HourlyLimitsError) { limits = try HourlyLimits.parse(text) } catch {
          throw UsageError("--limit: \(error.description)")
        }
      case "--at":
        let text = try value(option, inline)
        guard let moment = CivilTime.moment(text) else {
          throw UsageError("--at takes a date and time such as 2026-11-21T22:00, not \"\(text)\"")
        }
        start = moment
      case "--state": stateFile = try value(option, inline)
      case "--inventory": inventoryFile = try value(option, inline)
      case "--profile": profile = try value(option, inline)
      case "--config": configurationFile = try value(option, inline)
      case "--journal":
        let text = try value(option, inline)
        journal = text == "none" ? .none : .file(text)
      case "--yes": isAgreed = true
      case "--library": libraries.append(try Self.folder(try value(option, inline)))
      case "--trusted": isTrusted = true
      case "--memory":
        let text = try value(option, inline)
        guard let bytes = Self.size(text) else {
          throw UsageError("--memory takes a size such as 512M or 2G, not \"\(text)\"")
        }
        memoryLimit = bytes
      case "--log-format":
        let text = try value(option, inline)
        guard let format = EventLog.Format(rawValue: text) else {
          throw UsageError("--log-format is text or json, not \"\(text)\"")
        }
        logFormat = format
      case "--progress":
        let text = try value(option, inline)
        guard let choice = Progress.Choice(rawValue: text) else {
          throw UsageError("--progress is auto, tty, plain or none, not \"\(text)\"")
        }
        progress = choice
      case "--quiet": isQuiet = true
      case "--submit-late": try takeRule(option, "")
      case "--max-submits", "--exit-map", "--var": try takeRule(option, try value(option, inline))
      case "--version", "-v": wantsVersion = true
      case "--help", "-h": wantsHelp = true
      case "--":
        index += 1
        try takeScript(given, from: index)
        return
      default:
        // A single letter resembles every other: a guess would mislead.
        let meant = option.hasPrefix("--") ? didYouMean(option, among: Self.options) : nil
        let hint = meant.map { "; did you mean \($0)?" } ?? "; see cvlua --help"
        throw UsageError("there is no option \(option)\(hint)")
      }
      if inline != nil,
        ["--simulate", "--yes", "--trusted", "--quiet", "--submit-late", "--version", "--help"].contains(
          option)
      {
        throw UsageError("\(option) takes no value")
      }
      index += 1
    }
    if let simulatorOption, !simulates {
      throw UsageError("\(simulatorOption) belongs to a simulated run: add --simulate")
    }
    try takeScript(given, from: index)
  }

  /// The script and what stands behind it.
  private mutating func takeScript(_ given: [String], from index: Int) throws(UsageError) {
    guard index < given.count else { return }
    scriptName = given[index]
    steps.append(.file(given[index] == "-" ? nil : given[index]))
    arguments = Array(given[(index + 1)...])
  }

  private static func folder(_ path: String) throws(UsageError) -> String {
    guard let problem = FileContents.problem(withFolder: path) else { return path }
    throw UsageError("--library: \(problem)")
  }

  private static func words(_ option: String, _ text: String) -> [String] {
    text.split(separator: ",").map { part in
      "\(option) " + part.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }
  }

  private static func size(_ text: String) -> Int? {
    let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
    guard let last = text.last else { return nil }
    if let unit = units[Character(last.lowercased())] {
      guard let number = Int(text.dropLast()), number > 0, number < 1 << 30 else { return nil }
      return number * unit
    }
    return Int(text).flatMap { $0 > 0 ? $0 : nil }
  }
}
