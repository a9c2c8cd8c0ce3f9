/// What is typed at the prompt, line by line: chunks of Lua, questions and commands.
public struct ReplInput: Sendable {
  public enum Action: Equatable, Sendable {
    /// There is nothing to do.
    case none
    /// A chunk to run; it may turn out to go on, see ``goesOn(_:)``.
    case run(String)
    /// `name?`
    case explain(String)
    case command(Command)
    /// A command that is none: a sentence.
    case mistake(String)
  }

  public enum Command: Equatable, Sendable {
    case jobs, help, quit
    case time(String)
    case save(String)
  }

  static let commands = ["help", "jobs", "quit", "save", "time"]

  /// The chunk that has begun; nil where none has.
  public private(set) var beginning: String?

  public init() {}

  /// Takes the next line.
  public mutating func take(_ line: String) -> Action {
    if let beginning { return .run(beginning + "\n" + line) }
    let trimmed = line.trimmingBlanks()
    if trimmed.isEmpty { return .none }
    if trimmed.hasPrefix(":"), !trimmed.hasPrefix("::") { return Self.command(String(trimmed.dropFirst())) }
    if trimmed.hasSuffix("?"), let name = Self.question(String(trimmed.dropLast())) { return .explain(name) }
    // As lua once had it.
    if trimmed.hasPrefix("="), !trimmed.hasPrefix("==") { return .run(String(trimmed.dropFirst())) }
    return .run(line)
  }

  /// The chunk goes on with the next line.
  public mutating func goesOn(_ chunk: String) { beginning = chunk }

  /// The chunk is over, or given up.
  public mutating func isOver() { beginning = nil }

  private static func question(_ text: String) -> String? {
    let name = text.trimmingBlanks()
    if name.isEmpty { return "" }
    let letters = name.utf8.allSatisfy {
      LuaTokens.isNameStart($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".")
        || $0 == UInt8(ascii: ":")
    }
    return letters ? name : nil
  }

  private static func command(_ text: String) -> Action {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    let name = parts.first ?? ""
    let rest = (parts.count > 1 ? parts[1] : "").trimmingBlanks()
    switch name {
    case "time":
      return rest.isEmpty
        ? .mistake(":time takes code, as in :time backup.rds(t):wait()") : .command(.time(rest))
    case "save":
      return rest.isEmpty
        ? .mistake(":save takes a file's name, as in :save tonight.lua") : .command(.save(rest))
    case "jobs", "help", "quit":
      guard rest.isEmpty else { return .mistake(":\(name) takes nothing behind it") }
      return .command(name == "jobs" ? .jobs : name == "help" ? .help : .quit)
    default:
      // A letter or two that begin one name only mean it.
      let meant = commands.filter { !name.isEmpty && $0.hasPrefix(name) }
      if meant.count == 1 { return command(meant[0] + " " + rest) }
      return .mistake("there is no :\(name); there are \(commands.map { ":\($0)" }.joined(separator: ", "))")
    }
  }
}

extension String {
  func trimmingBlanks() -> String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
