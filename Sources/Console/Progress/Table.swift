import Terminal

/// Cells in columns, in as much room as there is: columns that may shrink do so, then columns go.
struct Table {
  struct Column {
    enum Cut { case head, tail }

    var isRight = false
    /// How narrow it may become before others go; nil for as wide as it is.
    var least: Int?
    var cut = Cut.tail
    /// The highest goes first; nil stays.
    var goes: Int?
  }

  struct Cell {
    var text: String
    var colour: Colour?

    init(_ text: String, _ colour: Colour? = nil) { (self.text, self.colour) = (text, colour) }
  }

  private static let gap = 2
  private static let narrowest = 4

  /// The rows as lines of at most `width` columns.
  static func lines(
    _ rows: [[Cell]], _ columns: [Column], width: Int, paint: (String, Colour) -> String
  ) -> [String] {
    let natural = columns.indices.map { column in
      rows.reduce(0) { max($0, DisplayText.width($1[column].text)) }
    }
    let widths = fit(natural, columns, width)
    return rows.map { row in
      var parts: [Cell] = []
      for (column, cell) in row.enumerated() where widths[column] > 0 {
        let text =
          columns[column].cut == .head
          ? DisplayText.fittingTail(cell.text, widths[column])
          : DisplayText.fitting(cell.text, widths[column])
        let padding = String(repeating: " ", count: widths[column] - DisplayText.width(text))
        let start = String(repeating: " ", count: gap)
        parts +=
          columns[column].isRight
          ? [Cell(start + padding), Cell(text, cell.colour)]
          : [Cell(start), Cell(text, cell.colour), Cell(padding)]
      }
      return line(parts, width: width, paint: paint)
    }
  }

  /// Parts one after the other, without blanks at the end; what is beyond `width` is cut off.
  static func line(_ parts: [Cell], width: Int, paint: (String, Colour) -> String) -> String {
    var parts = parts
    while let last = parts.last, last.text.allSatisfy({ $0 == " " }) { parts.removeLast() }
    var left = width
    var line = ""
    for (index, part) in parts.enumerated() {
      let wide = DisplayText.width(part.text)
      let isLast = index == parts.count - 1
      // Where more is to come, its first column may be needed for the sign that something is missing.
      let text = wide < left || (isLast && wide == left) ? part.text : cut(part.text, left, isLast)
      line += part.colour.map { text.isEmpty ? "" : paint(text, $0) } ?? text
      if wide > left || (wide == left && !isLast) { break }
      left -= wide
    }
    return line
  }

  private static func cut(_ text: String, _ width: Int, _ isLast: Bool) -> String {
    isLast ? DisplayText.fitting(text, width) : DisplayText.fitting(text + "  ", width)
  }

  /// How wide each column is; 0 for one that is not shown.
  private static func fit(_ natural: [Int], _ columns: [Column], _ width: Int) -> [Int] {
    var widths = natural
    func least(_ column: Int) -> Int {
      columns[column].least.map { min($0, natural[column]) } ?? natural[column]
    }
    func needed() -> Int {
      widths.indices.reduce(0) { $0 + (widths[$1] == 0 ? 0 : least($1) + gap) }
    }
    while needed() > width {
      let going = widths.indices.filter { widths[$0] > 0 && columns[$0].goes != nil }
        .max { (columns[$0].goes ?? 0) < (columns[$1].goes ?? 0) }
      guard let going else { break }
      widths[going] = 0
    }
    let shrinking = widths.indices.filter { widths[$0] > 0 && columns[$0].least != nil }
    var spare = width - needed()
    for column in shrinking { widths[column] = least(column) }
    for column in shrinking where spare > 0 {
      let more = min(spare, natural[column] - widths[column])
      widths[column] += more
      spare -= more
    }
    // Nothing more can go: what comes last becomes narrower still.
    for column in shrinking.reversed() where spare < 0 {
      let less = min(-spare, max(0, widths[column] - narrowest))
      widths[column] -= less
      spare += less
    }
    return widths
  }
}
