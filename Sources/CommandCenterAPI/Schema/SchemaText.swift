extension Workload {
  /// The schema as a person reads it: a heading for each container, a line for each field.
  public func schemaText() -> String {
    var lines = ["\(name): \(title)", doc, "Page: \(source)"]
    var rows: [(container: Int, cells: [String])] = []
    for (index, field) in fields.enumerated() {
      rows.append((containerOfField[index], cells(of: field)))
    }
    let widths = (0..<3).map { column in rows.map { $0.cells[column].count }.max() ?? 0 }
    for container in containers.indices {
      let own = rows.filter { $0.container == container }
      if own.isEmpty { continue }
      lines += ["", path(ofContainer: container)]
      for row in own {
        let columns = zip(row.cells, widths).map { cell, width in
          cell + String(repeating: " ", count: width - cell.count)
        }
        lines.append("  " + (columns + [row.cells[3]]).joined(separator: "  "))
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
    let need =
      field.defaultValue.map { "default \($0.plain)" } ?? (field.isRequired ? "required" : "")
    var doc = field.doc
    if !field.allowed.isEmpty {
      let names = field.allowed.map { value in
        field.type == .integer ? "\(value.name) \(value.number ?? 0)" : value.name
      }
      doc += (field.isClosed ? ": " : "; known are ") + names.joined(separator: ", ")
    }
    let usual = field.isRequired && field.allowed.isEmpty ? 1...Int64.max : 0...Int64.max
    if field.type == .integer && field.range != usual {
      doc += "; \(field.range.lowerBound)"
      doc += field.range.upperBound == .max ? " or more" : " to \(field.range.upperBound)"
    }
    if let source = field.source { doc += " (from \(source))" }
    return [field.name, field.type.rawValue, need, doc]
  }
}
