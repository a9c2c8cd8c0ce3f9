import Clock
import CommandCenterAPI
import Console
import Simulator

/// A command line that asks for something impossible: one sentence.
struct UsageError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// The options of a run. Read by hand, in lua's own order: what stands behind FILE is the script's.
struct RunArguments {
  enum Step {
    case code(String)
    case module(String)
    /// Nil is standard input.
    case file(String?)
  }

  var steps: [Step] = []
  /// What the script gets as `...` and `arg`.
  var arguments: [String] = []
  /// `arg[0]`, and what stands before it at negative indexes.
  var scriptName: String?
  var before: [String] = []

  var simulates = false
  var seed: UInt64 = 1
  var faults = FaultPlan()
  var start: Moment?
  var inventoryFile: String?
  var libraries: [String] = []
  var isTrusted = false
  var memoryLimit = 0
  var logFormat = EventLog.Format.text
  var isQuiet = false
  var wantsHelp = false
  var wantsVersion = false

  private static let options = [
    "-e", "-l", "-", "--", "--simulate", "--seed", "--faults", "--at", "--inventory", "--library",
    "--trusted",
    "--memory", "--log-format", "--quiet", "--version", "--help", "-v", "-h",
  ]

  init(_ given: [String]) throws(UsageError) {
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
      if ["--seed", "--faults", "--at", "--inventory"].contains(option) { simulatorOption = option }
      switch option {
      case "-e": steps.append(.code(try value(option, inline)))
      case "-l": steps.append(.module(try value(option, inline)))
      case "--simulate": simulates = true
      case "--seed":
        let text = try value(option, inline)
        guard let number = UInt64(text) else {
          throw UsageError("--seed takes a whole number, not \"\(text)\"")
        }
        seed = number
      case "--faults":
        let text = try value(option, inline)
        do throws(FaultError) { faults = try FaultPlan.parse(text) } catch {
          throw UsageError("--faults: \(error.description)")
        }
        if let fault = faults.needsConnection {
          throw UsageError("--faults: \(fault) needs a real connection: use it with cvlua simulator")
        }
      case "--at":
        let text = try value(option, inline)
        guard let moment = CivilTime.moment(text) else {
          throw UsageError("--at takes a date and time such as 2026-11-21T22:00, not \"\(text)\"")
        }
        start = moment
      case "--inventory": inventoryFile = try value(option, inline)
      case "--library": libraries.append(try value(option, inline))
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
      case "--quiet": isQuiet = true
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
      if inline != nil, ["--simulate", "--trusted", "--quiet", "--version", "--help"].contains(option) {
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
