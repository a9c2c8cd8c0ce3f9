/// What somebody is typing where he asks for completion.
enum CompletionContext: Equatable {
  /// A command of the prompt, without its colon.
  case command(String)
  /// A file's name.
  case file(String)
  /// A global or a keyword.
  case name(String)
  /// Something behind a dot or a colon.
  case member(of: [String], separator: String, String)
  /// A field of a table that is given to what `path` names.
  case field(path: [String], in: Place = Place(), given: Set<String>, String)
  /// The text of a field of such a table; the texts that other fields have.
  case value(path: [String], in: Place = Place(), field: String, given: [String: String], String)
  /// A text that is given to a function.
  case argument(path: [String], String)
  case nothing

  /// Which table of a call's it is.
  struct Place: Equatable {
    /// The argument, from 0.
    var argument = 0
    /// The fields in whose tables it stands, the outermost first.
    var fields: [String] = []
  }

  /// - Parameter text: the chunk as far as it is typed, to the cursor.
  init(_ text: String) {
    if text.hasPrefix(":"), !text.hasPrefix("::") {
      self = Self.command(text.dropFirst())
      return
    }
    var tokens = LuaTokens.of(text)
    guard let last = tokens.last else {
      self = .name("")
      return
    }
    switch last.kind {
    case .openComment, .number: self = .nothing
    case .string(isOpen: true):
      tokens.removeLast()
      self = Self.text(last.text, after: tokens)
    case .name where text.utf8.last.map({ $0 != 0x20 && $0 != 0x0A && $0 != 0x09 }) ?? false:
      tokens.removeLast()
      self = Self.word(last.text, after: tokens)
    default: self = Self.word("", after: tokens)
    }
  }

  private static func command(_ text: Substring) -> CompletionContext {
    guard let blank = text.firstIndex(of: " ") else { return .command(String(text)) }
    let rest = String(text[text.index(after: blank)...])
    switch text[..<blank] {
    case "save": return .file(rest)
    case "time": return CompletionContext(rest)
    default: return .nothing
    }
  }

  private static func word(_ prefix: String, after tokens: [LuaToken]) -> CompletionContext {
    if let last = tokens.last, last.isSymbol(".") || last.isSymbol(":") {
      guard let path = path(endingAt: tokens.count - 2, in: tokens) else { return .nothing }
      return .member(of: path, separator: last.text, prefix)
    }
    let isKey = tokens.last.map { $0.isSymbol("{") || $0.isSymbol(",") || $0.isSymbol(";") } ?? false
    if isKey, let table = table(in: tokens) {
      return .field(path: table.path, in: table.place, given: Set(table.given.keys), prefix)
    }
    return .name(prefix)
  }

  private static func text(_ prefix: String, after tokens: [LuaToken]) -> CompletionContext {
    guard let last = tokens.last else { return .nothing }
    if last.isSymbol("="), tokens.count >= 2, tokens[tokens.count - 2].kind == .name {
      guard let table = table(in: tokens) else { return .nothing }
      return .value(
        path: table.path, in: table.place, field: tokens[tokens.count - 2].text, given: table.given, prefix)
    }
    let end = last.isSymbol("(") ? tokens.count - 2 : tokens.count - 1
    if let path = function(endingAt: end, in: tokens) {
      return .argument(path: path, prefix)
    }
    return .nothing
  }

  /// `a.b:c` that ends with the token at `index`; nil where something else ends there.
  private static func path(endingAt index: Int, in tokens: [LuaToken]) -> [String]? {
    var path: [String] = []
    var at = index
    while at >= 0, tokens[at].kind == .name {
      path.insert(tokens[at].text, at: 0)
      guard at >= 1, tokens[at - 1].isSymbol(".") || tokens[at - 1].isSymbol(":") else { return path }
      at -= 2
    }
    // What stands before the dot is no name: a call, a text.
    return nil
  }

  /// The same, where that is no keyword.
  private static func function(endingAt index: Int, in tokens: [LuaToken]) -> [String]? {
    path(endingAt: index, in: tokens).flatMap { LuaTokens.keywords.contains($0.last ?? "") ? nil : $0 }
  }

  /// The table that is being typed: what it is given to, whatever tables stand in between, and the texts of its
  /// fields so far, those of the tables around it included.
  private static func table(
    in tokens: [LuaToken]
  ) -> (path: [String], place: Place, given: [String: String])? {
    var open: [Int] = []
    for (index, token) in tokens.enumerated() where token.kind == .symbol {
      switch token.text {
      case "{", "(": open.append(index)
      case "}", ")": _ = open.popLast()
      default: break
      }
    }
    var given: [String: String] = [:]
    var place = Place()
    while let brace = open.popLast() {
      guard tokens[brace].isSymbol("{") else { return nil }
      collect(tokens, from: brace, &given)
      let before = brace - 1
      guard before >= 0 else { return nil }
      if let call = open.last, tokens[call].isSymbol("("),
        tokens[before].isSymbol("(") || tokens[before].isSymbol(",")
      {
        place.argument = argument(at: brace, ofCallAt: call, in: tokens)
        return function(endingAt: call - 1, in: tokens).map { ($0, place, given) }
      }
      if let path = function(endingAt: before, in: tokens) { return (path, place, given) }
      if before >= 1, tokens[before].isSymbol("="), tokens[before - 1].kind == .name {
        place.fields.insert(tokens[before - 1].text, at: 0)
      }
    }
    return nil
  }

  /// How many arguments of a call stand before the token at `index`.
  private static func argument(at index: Int, ofCallAt call: Int, in tokens: [LuaToken]) -> Int {
    var (depth, count) = (0, 0)
    for token in tokens[(call + 1)..<index] where token.kind == .symbol {
      switch token.text {
      case "{", "(", "[": depth += 1
      case "}", ")", "]": depth -= 1
      case "," where depth == 0: count += 1
      default: break
      }
    }
    return count
  }

  /// The fields of the table that opens at `brace`, without those of the tables in it.
  private static func collect(_ tokens: [LuaToken], from brace: Int, _ given: inout [String: String]) {
    var depth = 0
    for index in (brace + 1)..<max(brace + 1, tokens.count) {
      let token = tokens[index]
      if token.isSymbol("{") || token.isSymbol("(") { depth += 1 }
      if token.isSymbol("}") || token.isSymbol(")") { depth -= 1 }
      guard depth == 0, token.kind == .name, index + 1 < tokens.count, tokens[index + 1].isSymbol("=") else {
        continue
      }
      var text = ""
      if index + 2 < tokens.count, case .string = tokens[index + 2].kind { text = tokens[index + 2].text }
      if given[token.text] == nil { given[token.text] = text }
    }
  }
}
