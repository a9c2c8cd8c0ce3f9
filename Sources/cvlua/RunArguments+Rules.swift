import Workflow

/// What the command line says of a run, whatever its script says.
extension RunArguments {
  static let rules = ["--max-submits", "--submit-late", "--exit-map", "--var"]

  /// Takes one of ``rules``; its value is empty where it has none.
  mutating func takeRule(_ option: String, _ value: String) throws(UsageError) {
    switch option {
    case "--submit-late": rules.submitsLate = true
    case "--max-submits":
      guard let number = Int(value), number >= 0, number < 1 << 31 else {
        throw UsageError("--max-submits takes a whole number from 0, not \"\(value)\"")
      }
      rules.maxSubmits = number
    case "--exit-map": try mapExit(value)
    default: try setVariable(value)
    }
  }

  private mutating func mapExit(_ text: String) throws(UsageError) {
    let codes = text.split(separator: "=", omittingEmptySubsequences: false).map { Int32($0) }
    guard codes.count == 2, let from = codes[0], let to = codes[1], (0...255) ~= from, (0...255) ~= to else {
      throw UsageError("--exit-map takes two exit codes from 0 to 255, such as 1=0, not \"\(text)\"")
    }
    if from == to { throw UsageError("--exit-map \(text) changes nothing") }
    if let other = exitMap[from] {
      throw UsageError("--exit-map says of exit code \(from) both \(other) and \(to); give it once")
    }
    exitMap[from] = to
  }

  private mutating func setVariable(_ text: String) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let letters = parts[0].utf8
    let isName =
      !letters.isEmpty && !(48...57).contains(letters.first ?? 48)
      && letters.allSatisfy {
        (48...57) ~= $0 || (65...90) ~= $0 || (97...122) ~= $0 || $0 == UInt8(ascii: "_")
      }
    guard parts.count == 2, isName else {
      // What stands behind the equals sign may be nobody's business.
      let given = parts.count == 2 ? "\(parts[0])=…" : text
      throw UsageError("--var takes NAME=VALUE, the name of letters, digits and _, not \"\(given)\"")
    }
    if variables.updateValue(parts[1], forKey: parts[0]) != nil {
      throw UsageError("--var \(parts[0]) is given twice")
    }
  }
}
