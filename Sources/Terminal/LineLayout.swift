/// Where the characters of a line that is being typed stand on the screen.
struct LineLayout {
  let columns: Int
  private(set) var row = 0
  private var column = 0

  init(columns: Int) { self.columns = max(1, columns) }

  /// - Parameter width: how many cells a character takes; negative for one that is not printed.
  mutating func add(_ character: UInt32, width: (UInt32) -> Int32) {
    switch character {
    case 0x0A:
      row += 1
      column = 0
    case 0x09:
      repeat { cell() } while column % 8 != 0
    case 0..<0x20, 0x7F:
      // Shown as ^X.
      cell()
      cell()
    default:
      let cells = Int(width(character))
      if cells == 1 { return cell() }
      if cells < 0 { return escaped(character) }
      // One that does not fit at the end of a row stands on the next.
      if cells > 1, column + cells > columns {
        row += 1
        column = 0
      }
      for _ in 0..<cells { cell() }
    }
  }

  /// `\U+1234`, as libedit shows what cannot be printed.
  private mutating func escaped(_ character: UInt32) {
    let digits = character > 0xFFFF ? 5 : 4
    for _ in 0..<(3 + digits) { cell() }
  }

  private mutating func cell() {
    column += 1
    if column >= columns {
      column = 0
      row += 1
    }
  }
}

/// Words to choose from, in columns.
enum ChoiceList {
  /// More are not listed.
  static let most = 200

  static func text(_ choices: [String], columns: Int) -> String {
    let shown = choices.prefix(most).map(ErrorOutput.oneLine)
    let width = (shown.map(\.count).max() ?? 0) + 2
    let across = max(1, columns / max(1, width))
    let down = (shown.count + across - 1) / across
    var text = ""
    for row in 0..<down {
      var line = ""
      for column in 0..<across {
        let index = column * down + row
        guard index < shown.count else { continue }
        line += shown[index] + String(repeating: " ", count: width - shown[index].count)
      }
      text += line.trimmingEnd() + "\r\n"
    }
    let rest = choices.count - shown.count
    return rest > 0 ? text + "… and \(rest) more\r\n" : text
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Puts what `mark` gives in place of each sequence that sets a colour.
  func replacingColours(_ mark: (String) -> String) -> String {
    var (text, sequence) = ("", "")
    for character in self {
      if character == "\u{1B}" || !sequence.isEmpty {
        sequence.append(character)
        guard character == "m" else { continue }
        text += mark(sequence)
        sequence = ""
      } else {
        text.append(character)
      }
    }
    return text
  }
}
