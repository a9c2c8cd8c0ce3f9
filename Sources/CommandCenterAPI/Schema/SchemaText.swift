extension Workload {
  /// The schema as a person reads it: a heading for each container, a line for each field.
  public func schemaText() -> String {
    var lines = ["\(name): \(title)", doc, "Page: \(source)"]
    let rows = fields.map(cells)
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    // In the order in which the payload has them.
    var shown: Set<Int> = []
    for container in containerOfField where shown.insert(container).inserted {
      lines += ["", path(ofContainer: container)]
      for (row, place) in zip(rows, containerOfField) where place == container {
        let columns = zip(row, widths).map { cell, width in
          cell + String(repeating: " ", count: width - cell.count)
        }
        lines.append("  " + (columns + [row[3]]).joined(separator: "  "))
      }
    }
    if !rules.isEmpty {
      lines.append("")
      for rule in rules {
        // A rule without a value given says itself what it needs.
        lines.append(rule.mistake(having: nil, association: nil)?.message ?? "")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func cells(of field: Field) -> [String] {
    var need = field.isRequired ? "required" : ""
    if let value = field.defaultValue {
      // Scripts may write names, and people read them more easily.
      let name = field.allowed.first { $0.number != nil && $0.number == value.int64 }?.name
      need = "default \(name ?? value.plain)"
    }
    var doc = field.doc
    if !field.allowed.isEmpty {
      let names = field.allowed.map { value in
        field.type == .integer ? "\(value.name) \(value.number ?? 0)" : value.name
      }
      let lead = !field.isClosed ? "; known are " : names.count == 1 ? "; only " : ": "
      doc += lead + names.joined(separator: ", ")
    }
    let usual = field.isRequired && field.allowed.isEmpty ? 1...Int64.max : 0...Int64.max
    if field.type == .integer && field.range != usual {
      doc += "; \(field.range.lowerBound)"
      doc += field.range.upperBound == .max ? " or more" : " to \(field.range.upperBound)"
    }
    if let name = field.nameField { doc += "; or give \(name), and it is looked up" }
    if !field.isSent { doc += "; for looking up ids, not sent" }
    if let source = field.source { doc += " (from \(source))" }
    return [field.name, field.type.rawValue, need, doc]
  }
}
