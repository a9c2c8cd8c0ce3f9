/// A piece of Lua as somebody types it, perhaps not to its end.
struct LuaToken: Equatable {
  enum Kind: Equatable {
    case name
    /// Its text is what stands between the quotes.
    case string(isOpen: Bool)
    case number
    case symbol
    /// It goes on.
    case openComment
  }

  var kind: Kind
  var text: String

  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}

/// Splits Lua into its tokens; what is no Lua gives some all the same.
enum LuaTokens {
  static func of(_ text: String) -> [LuaToken] {
    var reader = Reader(bytes: Array(text.utf8))
    var tokens: [LuaToken] = []
    while let token = reader.next() { tokens.append(token) }
    return tokens
  }

  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  static func isNameStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_")
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isNameStart(first), !keywords.contains(text) else { return false }
    return text.utf8.allSatisfy { isNameStart($0) || isDigit($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    private func byte(_ ahead: Int = 0) -> UInt8? { at + ahead < bytes.count ? bytes[at + ahead] : nil }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    mutating func next() -> LuaToken? {
      while let first = byte() {
        switch first {
        case 0x20, 0x09, 0x0A, 0x0D: at += 1
        case UInt8(ascii: "-") where byte(1) == first:
          at += 2
          if let level = longBracket() {
            if longText(level) == nil { return LuaToken(kind: .openComment, text: "") }
          } else {
            while let next = byte(), next != 0x0A { at += 1 }
            if byte() == nil { return LuaToken(kind: .openComment, text: "") }
          }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quoted(first)
        case UInt8(ascii: "["):
          let start = at
          if let level = longBracket() {
            let begin = at
            let end = longText(level)
            return LuaToken(kind: .string(isOpen: end == nil), text: text(begin..<(end ?? bytes.count)))
          }
          at = start + 1
          return LuaToken(kind: .symbol, text: "[")
        case _ where LuaTokens.isNameStart(first):
          let start = at
          while let next = byte(), LuaTokens.isNameStart(next) || LuaTokens.isDigit(next) { at += 1 }
          return LuaToken(kind: .name, text: text(start..<at))
        case _ where LuaTokens.isDigit(first):
          let start = at
          while let next = byte(),
            LuaTokens.isNameStart(next) || LuaTokens.isDigit(next)
              || (next == UInt8(ascii: ".") && byte(1) != next)
          { at += 1 }
          return LuaToken(kind: .number, text: text(start..<at))
        default:
          // Only those symbols count as one that would be taken for others.
          for symbol in ["...", "..", "==", "~=", "<=", ">=", "::", "//"]
          where bytes[at...].starts(with: symbol.utf8) {
            at += symbol.utf8.count
            return LuaToken(kind: .symbol, text: symbol)
          }
          var end = at + 1
          while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
          defer { at = end }
          return LuaToken(kind: .symbol, text: text(at..<end))
        }
      }
      return nil
    }

    /// The level of the long bracket that begins here, which is taken; nil where none does.
    private mutating func longBracket() -> Int? {
      guard byte() == UInt8(ascii: "[") else { return nil }
      var end = at + 1
      while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
      guard end < bytes.count, bytes[end] == UInt8(ascii: "[") else { return nil }
      defer { at = end + 1 }
      return end - at - 1
    }

    /// Goes behind the long bracket's end; where its text ends, or nil where it does not.
    private mutating func longText(_ level: Int) -> Int? {
      let end = Array("]\(String(repeating: "=", count: level))]".utf8)
      while at < bytes.count {
        if bytes[at] == end[0], bytes[at...].starts(with: end) {
          defer { at += end.count }
          return at
        }
        at += 1
      }
      return nil
    }

    private mutating func quoted(_ quote: UInt8) -> LuaToken {
      at += 1
      let start = at
      while let next = byte() {
        if next == UInt8(ascii: "\\") {
          at = min(at + 2, bytes.count)
        } else if next == quote || next == 0x0A {
          defer { at += 1 }
          return LuaToken(kind: .string(isOpen: false), text: text(start..<at))
        } else {
          at += 1
        }
      }
      return LuaToken(kind: .string(isOpen: true), text: text(start..<at))
    }
  }
}
