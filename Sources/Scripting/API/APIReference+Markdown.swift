import CommandCenterAPI

/// The reference as one document.
extension APIReference {
  public static func markdown() -> String {
    var lines = [
      "# The functions of cvlua", "",
      "What a script sees beside Lua 5.4. A `?` marks what may be missing; *waits* means that only the branch that",
      "calls stands still.",
    ]
    for group in groups {
      let owner = group[0].owner ?? group[0].name
      lines += ["", "## \(owner)"]
      if let shape = shape(owner) { lines += ["", shape.summary] + table(shape) }
      for entry in group {
        lines += ["", "### `\(entry.signature)`", "", entry.summary + (entry.waits ? " *Waits.*" : "")]
        let parameters = entry.notation.parameters
        if !parameters.isEmpty { lines.append("") }
        for parameter in parameters {
          lines.append("- `\(parameter.name)\(parameter.isOptional ? "?" : ""): \(parameter.type)`")
        }
        let results = entry.notation.results.map { ($0.name.map { "\($0): " } ?? "") + $0.type }
        if entry.notation.isFunction, !results.isEmpty {
          lines.append("- gives `\(results.joined(separator: ", "))`")
        }
        lines += ["", "```lua"] + split(entry.example, at: "  ") + ["```"]
      }
    }
    lines += ["", "## Kinds of values"]
    let owners = Set(groups.map { $0[0].owner ?? $0[0].name })
    for shape in shapes where !owners.contains(shape.name) {
      let parent = shape.parent.map { " It has all of `\($0)` too." } ?? ""
      lines += ["", "### \(shape.name)", "", shape.summary + parent]
      if case .alias(let type) = shape.kind { lines += ["", "`\(type)`"] }
      lines += table(shape)
    }
    lines += ["", "## Workloads"]
    for workload in Workload.builtIn {
      lines += ["", "### \(workload.name)", "", "```text", workload.schemaText() + "```"]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ shape: APIShape) -> [String] {
    if case .values(let values) = shape.kind {
      return [""] + values.map { "- `\"\($0.0)\"`\($0.1.isEmpty ? "" : " \($0.1)")" }
    }
    guard !shape.fields.isEmpty else { return [] }
    // A bar would end the cell.
    func cell(_ text: String) -> String { split(text, at: "|").joined(separator: "\\|") }
    return ["", "| field | type | |", "|---|---|---|"]
      + shape.fields.map {
        "| `\($0.name)\($0.isOptional ? "?" : "")` | `\(cell($0.type))` | \(cell($0.doc)) |"
      }
  }
}
