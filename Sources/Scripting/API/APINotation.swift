/// The types of a function, or of a value, in the words of LuaLS: `(list: T[], options?: map_options): records`,
/// or `: night`. It is read when somebody asks, not when a program starts.
public struct APINotation: Sendable {
  public struct Parameter: Sendable {
    /// `...` for any number of them.
    public let name: String
    public let type: String
    public let isOptional: Bool
  }

  public struct Result: Sendable {
    /// Nil where its type says enough.
    public let name: String?
    public let type: String
  }

  public let text: String

  /// Whether it is a function's.
  public var isFunction: Bool { text.utf8.first == UInt8(ascii: "(") }

  public var parameters: [Parameter] {
    guard isFunction else { return [] }
    return Self.parts(text[parentheses].dropFirst().dropLast()).map { part in
      let (name, type) = Self.named(part)
      let isOptional = name?.hasSuffix("?") ?? false
      return Parameter(
        name: (isOptional ? name?.dropLast() : name).map(String.init) ?? "", type: type,
        isOptional: isOptional)
    }
  }

  public var results: [Result] {
    let rest = isFunction ? text[parentheses.upperBound...] : text[...]
    guard rest.first == ":" else { return [] }
    return Self.parts(rest.dropFirst()).map { part in
      let (name, type) = Self.named(part)
      return Result(name: name.map(String.init), type: type)
    }
  }

  /// From the first parenthesis to the one that closes it.
  private var parentheses: Range<String.Index> {
    var depth = 0
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return text.startIndex..<text.index(after: index) }
    }
    return text.startIndex..<text.endIndex
  }

  /// What stands between the commas that are in no bracket.
  private static func parts(_ text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var (depth, begin) = (0, text.startIndex)
    for index in text.indices {
      switch text[index] {
      case "(", "{", "<", "[": depth += 1
      case ")", "}", ">", "]": depth -= 1
      case "," where depth == 0:
        parts.append(text[begin..<index])
        begin = text.index(after: index)
      default: break
      }
    }
    parts.append(text[begin...])
    return parts.map(trimmed).filter { !$0.isEmpty }
  }

  /// `name: type` apart; a type alone has no name.
  private static func named(_ part: Substring) -> (Substring?, String) {
    let name = part.prefix { $0.isLetter || $0.isNumber || "_.?".contains($0) }
    guard !name.isEmpty, part[name.endIndex...].first == ":" else { return (nil, String(part)) }
    return (name, String(trimmed(part[name.endIndex...].dropFirst())))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// The names that stand in a type, apart from those of parameters: what must be known.
  public static func typeNames(in type: String) -> [String] {
    var names: [String] = []
    replacingNames(in: type) {
      names.append($0)
      return $0
    }
    return names
  }

  /// The type with each of its names replaced; words in quotes and names of parameters stay.
  @discardableResult
  static func replacingNames(in type: String, _ replace: (String) -> String) -> String {
    var result = ""
    var rest = type[...]
    while let first = rest.first {
      if first == "\"" {
        let quoted = rest.dropFirst().prefix { $0 != "\"" }
        result += "\"\(quoted)\""
        rest = rest[quoted.endIndex...].dropFirst()
      } else if first.isLetter || first == "_" {
        let name = rest.prefix { $0.isLetter || $0.isNumber || "_.".contains($0) }
        rest = rest[name.endIndex...]
        result += rest.first == ":" || rest.hasPrefix("?:") ? String(name) : replace(String(name))
      } else {
        result.append(first)
        rest.removeFirst()
      }
    }
    return result
  }
}
