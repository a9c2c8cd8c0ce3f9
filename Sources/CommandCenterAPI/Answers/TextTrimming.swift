extension String {
  /// Without white space at either end.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// As one line: every run of white space and control characters is one space, none at either end, and no
  /// more than `limit` characters.
  func onOneLine(limit: Int = 400) -> String {
    let words = split { $0.isWhitespace || $0.isASCIIControl }
    let line = words.joined(separator: " ")
    return line.count > limit ? line.prefix(limit - 1) + "…" : line
  }
}

extension Character {
  fileprivate var isASCIIControl: Bool {
    asciiValue.map { $0 < 0x20 || $0 == 0x7F } ?? false
  }
}
