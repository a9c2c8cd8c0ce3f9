/// What a Lua module says of itself: the comment at its top, then its functions and the tables that they take, by the
/// annotations that editors read.
///
/// ```lua
/// --- What it is for.            -- the header: lines that begin with `---`
///
/// ---@class module.options       -- a table
/// ---@field name? type text
///
/// --- What it does.
/// ---@param name? type
/// ---@return type name
/// function module.name(name)
/// ```
public enum ModulePage {
  /// - Parameters:
  ///   - name: what it is required by.
  ///   - source: its text.
  /// - Returns: nil where it says nothing.
  public static func text(_ name: String, _ source: String) -> String? {
    let reading = Reading(of: source, module: name)
    guard !reading.header.isEmpty || !reading.functions.isEmpty else { return nil }
    var text = ["require \"\(name)\"", ""] + reading.header
    for function in reading.functions { text += ["", function.signature] + function.text.map { "  " + $0 } }
    for table in reading.tables where !table.fields.isEmpty {
      text += ["", table.name] + columns(table.fields)
    }
    return text.joined(separator: "\n") + "\n"
  }

  /// What the page tells of by name: `inventory.names`, `find.list:count`, `rota.options`, and `rota.full` for what
  /// stands in one of its tables.
  public static func names(_ name: String, _ source: String) -> [String] {
    let reading = Reading(of: source, module: name)
    let fields = reading.tables.flatMap(\.fields).map { row in
      "\(name)." + row[0].filter { $0 != " " && $0 != "?" }
    }
    return reading.functions.map(\.name) + reading.tables.map(\.name) + fields
  }

  private struct Function {
    var name: String
    var signature: String
    var text: [String]
  }

  private struct Table {
    var name: String
    var fields: [[String]] = []
  }

  /// One pass over the lines.
  private struct Reading {
    let module: String
    var header: [String] = []
    var functions: [Function] = []
    var tables: [Table] = []
    private var isInHeader = true
    // The comment above the line that is next.
    private var text: [String] = []
    private var parameters: [(name: String, type: String)] = []
    private var results: [String] = []
    // Locals that stand for a class: `local methods = {}` below its annotation.
    private var classes: [Substring: String] = [:]
    private var newest: String?

    init(of source: String, module: String) {
      self.module = module
      // A line end of Windows is one character.
      for line in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { take(line) }
    }

    private mutating func take(_ line: Substring) {
      if line.hasPrefix("---@") {
        isInHeader = false
        return annotation(line.dropFirst(4))
      }
      if isInHeader {
        if header.isEmpty, line.hasPrefix("#!") { return }
        if line.hasPrefix("--") { return header.append(Self.words(line)) }
        isInHeader = false
      }
      if line.hasPrefix("---") { return text.append(Self.words(line)) }
      if let newest, line.hasPrefix("local ") {
        classes[line.dropFirst("local ".count).prefix { $0 != " " }] = newest
      }
      if let name = name(of: line) {
        functions.append(Function(name: name, signature: signature(name), text: text))
      }
      (text, parameters, results, newest) = ([], [], [], nil)
    }

    /// A comment without its dashes.
    private static func words(_ line: Substring) -> String {
      let words = line.drop { $0 == "-" }
      return String(words.first == " " ? words.dropFirst() : words)
    }

    /// Whose function the line begins; nil where it begins none that others can call.
    private func name(of line: Substring) -> String? {
      if line.hasPrefix("return function("), !parameters.isEmpty { return module }
      guard line.hasPrefix("function ") else { return nil }
      let name = line.dropFirst("function ".count).prefix { $0 != "(" }
      let owner = name.prefix { $0 != "." && $0 != ":" }
      return (classes[owner] ?? String(owner)) + name.dropFirst(owner.count)
    }

    private func signature(_ name: String) -> String {
      var taken = ""
      for (index, parameter) in parameters.enumerated() {
        let comma = index == 0 ? "" : ", "
        let isOptional = parameter.name.hasSuffix("?")
        taken +=
          isOptional
          ? "\(index == 0 ? "" : " ")[\(comma)\(parameter.name.dropLast())]" : comma + parameter.name
      }
      return "\(name)(\(taken))" + (results.isEmpty ? "" : " -> " + results.joined(separator: ", "))
    }

    private mutating func annotation(_ line: Substring) {
      let tag = line.prefix { $0 != " " }
      let rest = line.dropFirst(tag.count).drop { $0 == " " }
      let first = rest.prefix { $0 != " " }
      let more = rest.dropFirst(first.count).drop { $0 == " " }
      switch tag {
      case "class":
        newest = String(first.prefix { $0 != ":" })
        tables.append(Table(name: newest ?? ""))
      case "field" where !tables.isEmpty:
        let type = Self.type(more)
        let words = more.dropFirst(type.count).drop { $0 == " " }
        tables[tables.count - 1].fields.append(["  \(first)", ModulePage.plain(type), String(words)])
      case "param": parameters.append((String(first), String(Self.type(more))))
      case "return":
        let type = Self.type(rest)
        let name = rest.dropFirst(type.count).drop { $0 == " " }.prefix { $0 != " " }
        results.append(name.isEmpty ? ModulePage.plain(type) : String(name))
      default: break
      }
    }

    /// The type at the beginning: up to a space that is in no bracket, and behind no comma or colon.
    private static func type(_ text: Substring) -> Substring {
      var depth = 0
      var last: Character = " "
      for index in text.indices {
        switch text[index] {
        case "(", "[", "{", "<": depth += 1
        case ")", "]", "}", ">": depth -= 1
        case " " where depth == 0 && !":,|".contains(last) && text[..<index].suffix(5) != "async":
          return text[..<index]
        default: break
        }
        last = text[index]
      }
      return text
    }
  }

  /// A type without the names of our own classes' family.
  fileprivate static func plain(_ type: Substring) -> String {
    var text = ""
    var rest = type
    while !rest.isEmpty {
      if rest.hasPrefix("cvlua.") { rest = rest.dropFirst("cvlua.".count) }
      guard let first = rest.popFirst() else { break }
      text.append(first)
    }
    return text
  }

  private static func columns(_ rows: [[String]]) -> [String] {
    let widths = [0, 1].map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = [0, 1].map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
      var line = "\(cells[0])  \(cells[1])  \(row[2])"
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
