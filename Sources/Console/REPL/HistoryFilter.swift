/// Keeps out of a history file what nobody should read there.
enum HistoryFilter {
  /// Words in names of what holds a secret.
  private static let words = [
    "password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "api_key", "privatekey",
    "private_key", "accesskey", "access_key", "authorization", "bearer", "cookie",
  ]

  /// Whether the chunk is kept: not where it may hold a secret in plain text, and not where a blank begins it.
  static func keeps(_ chunk: String) -> Bool {
    if chunk.hasPrefix(" ") || chunk.utf8.count > 100_000 { return false }
    let tokens = LuaTokens.of(chunk)
    var isSuspect = false
    for (index, token) in tokens.enumerated() {
      switch token.kind {
      case .name:
        if LuaTokens.keywords.contains(token.text) { continue }
        // `secret "name"` names a secret and does not hold it.
        let isCall = token.text == "secret" && isCalled(tokens, index)
        isSuspect = isSuspect && isPart(tokens, index) || (names(token.text) && !isCall)
      case .string:
        if isSuspect || (names(token.text) && holds(token.text)) { return false }
        isSuspect = names(token.text)
      case .symbol:
        // What is compared, assigned, joined or passed belongs to the name still.
        if ["}", ";", "+"].contains(token.text) { isSuspect = false }
        if token.text == ",", !isInCall(tokens, index) { isSuspect = false }
      case .number, .openComment: break
      }
    }
    return true
  }

  private static func names(_ text: String) -> Bool {
    let folded = text.lowercased().split(separator: "-").joined(separator: "_")
    return words.contains { folded.contains($0) }
  }

  /// A text that holds more than the word: `Bearer eyJh…`, `password=x`.
  private static func holds(_ text: String) -> Bool {
    let folded = Array(text.lowercased().utf8)
    return words.contains { word in
      folded.indices.contains { start in
        guard folded[start...].starts(with: word.utf8) else { return false }
        let rest = folded[(start + word.utf8.count)...]
        if word == "bearer", rest.first == UInt8(ascii: " ") { return true }
        let next = rest.first { $0 != UInt8(ascii: " ") }
        return next == UInt8(ascii: "=") || next == UInt8(ascii: ":")
      }
    }
  }

  /// A function that is called with a text at once.
  private static func isCalled(_ tokens: [LuaToken], _ index: Int) -> Bool {
    guard index == 0 || !tokens[index - 1].isSymbol("."), index + 1 < tokens.count else { return false }
    if case .string = tokens[index + 1].kind { return true }
    return tokens[index + 1].isSymbol("(")
  }

  /// A name that goes on after a dot, or is what is called with the secret.
  private static func isPart(_ tokens: [LuaToken], _ index: Int) -> Bool {
    guard index > 0 else { return false }
    return tokens[index - 1].isSymbol(".") || tokens[index - 1].isSymbol(":")
      || tokens[index - 1].isSymbol("=") || tokens[index - 1].isSymbol("(")
  }

  private static func isInCall(_ tokens: [LuaToken], _ index: Int) -> Bool {
    var depth = 0
    for token in tokens[..<index].reversed() where token.kind == .symbol {
      if token.text == ")" || token.text == "}" { depth += 1 }
      if token.text == "(" || token.text == "{" {
        if depth == 0 { return token.text == "(" }
        depth -= 1
      }
    }
    return false
  }
}
