import CommandCenterAPI

/// The reference for a terminal.
extension APIReference {
  /// What `cvlua help` prints without a name: every function in a line, by what it belongs to.
  public static func overview() -> String {
    var lines: [String] = []
    var others: [APIEntry] = []
    for group in groups {
      guard group.count > 1 || group[0].owner != nil else {
        others += group
        continue
      }
      let owner = group[0].owner ?? group[0].name
      lines += [shape(owner).map { "\(owner): \($0.summary)" } ?? owner] + list(group) + [""]
    }
    lines += ["others:"] + list(others)
    lines += ["", "cvlua help NAME tells more: of flow.map, task:wait, flow, result, submit_options, rds, …"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line for each.
  private static func list(_ entries: [APIEntry]) -> [String] {
    columns(entries.map { ["  " + $0.signature, beginning($0.summary)] }, widest: 44).map { line in
      line.count <= lineLength ? line : line.prefix(lineLength - 1) + "…"
    }
  }

  /// All there is to tell of a function, a module, a kind of value or a workload, as text for people.
  ///
  /// - Parameter name: `flow.map`, `task:wait`, `flow`, `result`, `backup.rds`; the last word alone will do.
  /// - Returns: nil where nothing is called so.
  public static func page(_ name: String) -> String? {
    let plain = name.hasSuffix("()") ? String(name.dropLast(2)) : name
    var parts = found(plain).map(text)
    if let shape = shape(plain) { parts.append(text(shape)) }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  /// The full names of what ``page(_:)`` tells of.
  public static func meanings(of name: String) -> [String] { found(name).map(\.name) }

  /// The name that was meant, where there is no page for `name`.
  public static func meant(_ name: String) -> String? {
    didYouMean(name, among: names + entries.map(\.member) + Workload.builtIn.map(\.name))
  }

  /// The entries that a name means.
  static func found(_ name: String) -> [APIEntry] {
    let entries = entries
    func folded(_ name: String) -> String { String(name.map { $0 == ":" ? "." : $0 }) }
    let exact = entries.filter { folded($0.name) == folded(name) || folded($0.shownName) == folded(name) }
    if !exact.isEmpty { return exact }
    let word = name.hasPrefix("backup.") ? String(name.dropFirst("backup.".count)) : name
    if Workload.builtIn(named: word) != nil { return entries.filter { $0.name == "workload" } }
    return shape(name) == nil ? entries.filter { $0.member == name } : []
  }

  /// The entries by what they belong to, in the order of the reference; each global by itself, but with its
  /// members where it has some.
  static var groups: [[APIEntry]] {
    let entries = entries
    var order: [String] = []
    var groups: [String: [APIEntry]] = [:]
    for entry in entries {
      let group = entry.owner ?? entry.name
      if groups[group] == nil { order.append(group) }
      groups[group, default: []].append(entry)
    }
    return order.compactMap { groups[$0] }
  }

  // MARK: a page

  private static func text(_ entry: APIEntry) -> String {
    var lines = [entry.signature, ""] + wrapped(entry.summary)
    if entry.waits { lines += wrapped("It waits: only the branch that calls it stands still.") }
    let parameters = entry.notation.parameters
    if !parameters.isEmpty {
      lines += ["", "  takes"]
      lines += columns(parameters.map { ["    \($0.name)\($0.isOptional ? "?" : "")", $0.type] })
      for shape in parameters.flatMap({ shapes(in: $0.type) }) {
        lines += ["", "  \(shape.name)"] + body(shape)
      }
    }
    let results = entry.notation.results
    if entry.notation.isFunction, !results.isEmpty {
      lines +=
        ["", "  gives"]
        + columns(results.map { ["    " + $0.shown, $0.name == nil ? "" : $0.type] })
    }
    for shape in results.flatMap({ shapes(in: $0.type) }) where !isObject(shape) && shape.name != entry.name {
      lines += ["", "  \(shape.name)"] + body(shape)
    }
    lines += ["", "  example"] + wrapped(entry.example, indent: "    ", splitsAt: "  ")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ shape: APIShape) -> String {
    var lines = wrapped("\(shape.name): \(shape.summary)", indent: "")
    let body = body(shape)
    if !body.isEmpty { lines += [""] + body.map { String($0.dropFirst(2)) } }
    let functions = entries.filter { $0.owner == shape.name && $0.name != "workload" }
    if !functions.isEmpty {
      lines += [""] + list(functions)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The fields or values of a shape, with those that it shares with another.
  private static func body(_ shape: APIShape) -> [String] {
    switch shape.kind {
    case .alias(let type): return wrapped("\(type). \(shape.summary)", indent: "    ")
    case .values(let values): return columns(values.map { ["    \"\($0.0)\"", $0.1] })
    default:
      let inherited = shape.parent.flatMap(Self.shape).map(\.fields) ?? []
      return columns(
        (inherited + shape.fields).map { ["    \($0.name)\($0.isOptional ? "?" : "")", $0.type, $0.doc] })
    }
  }

  private static func isObject(_ shape: APIShape) -> Bool {
    if case .object = shape.kind { true } else { false }
  }

  /// The shapes that a type names and that a page tells of by itself; objects have pages of their own.
  private static func shapes(in type: String) -> [APIShape] {
    APINotation.typeNames(in: type).compactMap(shape).filter { !isObject($0) && $0.name != "fields" }
  }

  // MARK: lines

  /// The text up to the first stop of whatever kind.
  private static func beginning(_ text: String) -> String {
    var end = text.startIndex
    while end < text.endIndex {
      let next = text.index(after: end)
      if ".:;".contains(text[end]), next == text.endIndex || text[next] == " " { return String(text[..<end]) }
      end = next
    }
    return text
  }

  /// Rows as lines whose cells stand below each other; a first cell wider than `widest` has a line of its own.
  private static func columns(_ rows: [[String]], widest: Int = .max) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.compactMap { column < $0.count && (column > 0 || $0[0].count <= widest) ? $0[column].count : nil }
        .max() ?? 8
    }
    return rows.flatMap { row -> [String] in
      var lines: [String] = []
      var line = ""
      for (column, cell) in row.enumerated() {
        if column == row.count - 1 {
          line += cell
        } else if cell.count > widths[column] {
          lines.append(cell)
          line = String(repeating: " ", count: widths[column] + 2)
        } else {
          line += cell + String(repeating: " ", count: widths[column] + 2 - cell.count)
        }
      }
      while line.last == " " { line.removeLast() }
      return lines + [line]
    }
  }

  private static let lineLength = 100

  /// The text as lines that are not too long, broken at `splitsAt`.
  private static func wrapped(_ text: String, indent: String = "  ", splitsAt: String = " ") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(text, at: splitsAt) {
      if !line.isEmpty, splitsAt != " " || indent.count + line.count + 1 + word.count > lineLength {
        lines.append(indent + line)
        line = ""
      }
      line += line.isEmpty ? word : " " + word
    }
    return lines + (line.isEmpty ? [] : [indent + line])
  }

  static func split(_ text: String, at separator: String) -> [String] {
    var parts: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      var end = rest.startIndex
      while end < rest.endIndex, !rest[end...].hasPrefix(separator) { end = rest.index(after: end) }
      if end > rest.startIndex { parts.append(String(rest[..<end])) }
      rest = end < rest.endIndex ? rest[rest.index(end, offsetBy: separator.count)...] : ""
    }
    return parts
  }
}
