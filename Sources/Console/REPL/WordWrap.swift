/// Text for people, at the width of a terminal.
enum WordWrap {
  /// Breaks lines between words. What goes on stands below the beginning of its line's last column, which two blanks
  /// or more set off, or else below the line's own beginning.
  static func text(_ text: String, columns: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.count <= columns ? String(line) : broken(Array(line), columns).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func broken(_ line: [Character], _ columns: Int) -> [String] {
    var indent = column(of: line)
    // Too narrow a column would be a word a line.
    if indent > columns / 2 { indent = line.prefix { $0 == " " }.count }
    var lines: [String] = []
    var current: [Character] = []
    var start = 0
    while start < line.count {
      let room = columns - current.count
      guard line.count - start > room else {
        current += line[start...]
        break
      }
      // The last blank that leaves a word before it; a word that fits nowhere is left to the terminal.
      let isFirst = lines.isEmpty
      let least = start + (isFirst ? indent : 0)
      let end =
        line[least...].prefix(max(0, start + room + 1 - least)).lastIndex(of: " ")
        ?? line[(start + room)...].firstIndex(of: " ") ?? line.count
      current += line[start..<end]
      while current.last == " " { current.removeLast() }
      lines.append(String(current))
      start = line[end...].firstIndex { $0 != " " } ?? line.count
      current = Array(repeating: " ", count: indent)
    }
    if current.contains(where: { $0 != " " }) { lines.append(String(current)) }
    return lines
  }

  /// Where the text of a line begins: behind its last gap of two blanks, as far as the line begins with columns.
  private static func column(of line: [Character]) -> Int {
    let margin = line.prefix { $0 == " " }.count
    guard
      let gap = (margin..<max(margin, line.count - 1)).first(where: { line[$0] == " " && line[$0 + 1] == " " }
      )
    else { return margin }
    return line[gap...].firstIndex { $0 != " " } ?? margin
  }
}
