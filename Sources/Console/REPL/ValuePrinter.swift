import LuaVM
import Terminal

/// Values as the prompt shows them: tables with their keys in order, so deep and so long, and by raw access
/// only, so that nothing of the script's runs.
struct ValuePrinter {
  /// How wide a line may be.
  var columns = 80
  /// Tables below so many others are not looked into.
  var depth = 4
  /// More entries of one table are counted, not shown.
  var entries = 40
  /// The same for all tables of a value.
  var total = 400
  /// Longer texts are cut.
  var length = 2000

  /// The value at `index` of the stack.
  static func text(_ stack: Stack, _ index: Int, columns: Int) -> String {
    var printer = ValuePrinter()
    printer.columns = max(40, columns)
    var walk = Walk(limits: printer)
    return printer.layout(walk.node(stack, stack.absolute(index), 0), indent: 0, first: 0)
  }

  indirect enum Node {
    case atom(String)
    case table(name: String, [(key: String, node: Node)], rest: String?)
  }

  // MARK: layout

  private func layout(_ node: Node, indent: Int, first: Int) -> String {
    let flat = Self.flat(node)
    if first + flat.count <= columns { return flat }
    guard case .table(let name, let entries, let rest) = node, !(entries.isEmpty && rest == nil) else {
      return flat
    }
    let margin = String(repeating: " ", count: indent + 2)
    var lines = entries.map { entry in
      margin + entry.key + layout(entry.node, indent: indent + 2, first: indent + 3 + entry.key.count) + ","
    }
    if let rest { lines.append(margin + rest) }
    return "\(name){\n" + lines.joined(separator: "\n") + "\n" + margin.dropLast(2) + "}"
  }

  private static func flat(_ node: Node) -> String {
    switch node {
    case .atom(let text): return text
    case .table(let name, let entries, let rest):
      let parts = entries.map { $0.key + flat($0.node) } + (rest.map { [$0] } ?? [])
      return parts.isEmpty ? "\(name){}" : "\(name){ " + parts.joined(separator: ", ") + " }"
    }
  }

  // MARK: texts

  /// A text as Lua would have it written, cut where it is long.
  static func quoted(_ bytes: some Collection<UInt8>, length: Int) -> String {
    var text = "\""
    let shown = bytes.prefix(length)
    var decoder = UTF8()
    var rest = shown[...]
    while !rest.isEmpty {
      var iterator = rest.prefix(4).makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
        text += "\\x" + hex(rest.first ?? 0)
        rest = rest.dropFirst()
        decoder = UTF8()
        continue
      }
      rest = rest.dropFirst(UTF8.width(scalar))
      decoder = UTF8()
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _
      where [.control, .format, .lineSeparator, .paragraphSeparator].contains(
        scalar.properties.generalCategory):
        text +=
          scalar.value < 0x80 ? "\\x" + hex(UInt8(scalar.value)) : "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\"" + (bytes.count > shown.count ? "… (\(bytes.count) bytes)" : "")
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count < 2 ? "0" + text : text
  }

  // MARK: the walk

  private struct Walk {
    let limits: ValuePrinter
    var left: Int
    /// Keys that are looked at, in all.
    var steps = 3_000_000
    var path: [UInt] = []

    init(limits: ValuePrinter) {
      self.limits = limits
      left = limits.total
    }

    mutating func node(_ stack: Stack, _ index: Int, _ level: Int) -> Node {
      guard stack.ensure(12) else { return .atom("…") }
      switch stack.type(index) {
      case .none, .null: return .atom("nil")
      case .boolean, .number: return .atom(stack.shown(index))
      case .string:
        guard let bytes = stack.bytes(index) else { return .atom("\"\"") }
        return .atom(ValuePrinter.quoted(bytes, length: level == 0 ? limits.length * 10 : limits.length))
      case .lightUserdata: return .atom(stack.isNull(index) ? "json.null" : "userdata")
      // Made by the host, and so is what shows them.
      case .userdata:
        let text = ErrorOutput.plain(stack.shown(index))
        // Where it is in memory is worth nothing to anybody.
        return .atom(text.contains(": 0x") ? String(text.prefix { $0 != ":" }) : text)
      case .thread: return .atom("thread")
      case .function:
        return .atom(
          stack.definition(index).map { "function (\(ErrorOutput.plain($0)))" } ?? "function (built in)")
      case .table:
        if stack.isErrorObject(index) {
          return .atom("error: \(ErrorOutput.plain(stack.failure(index).sentence))")
        }
        return table(stack, index, level)
      }
    }

    private mutating func table(_ stack: Stack, _ index: Int, _ level: Int) -> Node {
      let name = Self.name(stack, index)
      let identity = stack.identity(index)
      if path.contains(identity) { return .atom("\(name)<the table around it>") }
      guard level < limits.depth else { return .atom(isEmpty(stack, index) ? "\(name){}" : "\(name){…}") }
      path.append(identity)
      defer { path.removeLast() }
      var entries: [(key: String, node: Node)] = []
      let length = stack.rawLength(index)
      var hidden = 0
      for place in 0..<min(length, limits.entries) {
        guard left > 0 else { break }
        left -= 1
        stack.get(index, at: place + 1)
        entries.append(("", node(stack, stack.top, level + 1)))
        stack.pop()
      }
      hidden += length - entries.count
      let (keys, others) = otherKeys(stack, index, beyond: length)
      var shown = 0
      for key in keys {
        guard left > 0 else { break }
        left -= 1
        shown += 1
        stack.push(key.reference)
        stack.rawGet(index)
        entries.append((key.text + " = ", node(stack, stack.top, level + 1)))
        stack.pop()
      }
      hidden += others - shown
      return .table(name: name, entries, rest: hidden > 0 ? "… \(hidden) more" : nil)
    }

    private func isEmpty(_ stack: Stack, _ index: Int) -> Bool {
      stack.isEmptyTable(index)
    }

    /// The name that a table's metatable gives it, with a blank.
    private static func name(_ stack: Stack, _ index: Int) -> String {
      guard stack.pushMetatable(index) else { return "" }
      defer { stack.pop(2) }
      stack.get(-1, "__name")
      return stack.string(-1).map { "\(ErrorOutput.oneLine(String($0.prefix(40)))) " } ?? ""
    }

    private struct Key {
      enum Rank: Comparable {
        case number(Double)
        case text(String)
        case other(String)
      }
      let rank: Rank
      let text: String
      let reference: LuaReference
    }

    /// The first keys besides 1, 2, …, `length`, in their order, and how many there are.
    private mutating func otherKeys(_ stack: Stack, _ index: Int, beyond length: Int) -> ([Key], Int) {
      var first: [Key] = []
      var count = 0
      let most = limits.entries
      var steps = steps
      stack.forEach(index) {
        count += 1
        steps -= 1
        guard steps > 0 else { return }
        if let number = stack.isInteger(-2) ? stack.integer(-2) : nil, number >= 1, number <= Int64(length) {
          count -= 1
          return
        }
        let rank = Self.rank(stack)
        if first.count >= most, let last = first.last, last.rank <= rank { return }
        let key = Key(rank: rank, text: Self.text(stack), reference: stack.reference(-2))
        let place = first.firstIndex { rank < $0.rank } ?? first.count
        first.insert(key, at: place)
        if first.count > most { first.removeLast() }
      }
      self.steps = max(0, steps)
      return (first, count)
    }

    private static func rank(_ stack: Stack) -> Key.Rank {
      switch stack.type(-2) {
      case .number: .number(stack.number(-2) ?? 0)
      case .string: .text(stack.string(-2) ?? "")
      default: .other(stack.type(-2).name)
      }
    }

    private static func text(_ stack: Stack) -> String {
      switch stack.type(-2) {
      case .number, .boolean: return "[\(stack.shown(-2))]"
      case .string:
        let text = stack.string(-2) ?? ""
        if LuaTokens.isName(text) { return text }
        return "[" + (stack.bytes(-2).map { ValuePrinter.quoted($0, length: 100) } ?? "\"\"") + "]"
      default: return "[\(stack.type(-2).name)]"
      }
    }
  }
}
