extension APIEntry {
  /// Its name as a script writes it: a workload's own name stands for NAME.
  public var shownName: String {
    guard name.hasPrefix("workload") else { return name }
    return "backup.NAME" + name.dropFirst("workload".count)
  }

  /// `flow.map(list, fn [, options]) -> records`; a table of named arguments with their names.
  public var signature: String {
    guard notation.isFunction else { return "\(shownName): \(notation.results.map(\.type).joined())" }
    let results = notation.results.map(\.shown)
    return shownName + arguments + (results.isEmpty ? "" : " -> " + results.joined(separator: ", "))
  }

  private var arguments: String {
    let parameters = notation.parameters
    if parameters.count == 1, let shape = APIReference.shape(parameters[0].type),
      case .arguments = shape.kind,
      shape.fields.allSatisfy({ !$0.name.hasPrefix("[") })
    {
      return "{ \(Self.list(shape.fields.map { ($0.name, $0.isOptional) })) }"
    }
    return "(\(Self.list(parameters.map { ($0.shown, $0.isOptional) })))"
  }

  /// `name, max [, weight]`
  private static func list(_ names: [(name: String, isOptional: Bool)]) -> String {
    var text = names.filter { !$0.isOptional }.map(\.name).joined(separator: ", ")
    let optional = names.filter(\.isOptional).map(\.name)
    if text.isEmpty { return optional.isEmpty ? "" : "[\(optional.joined(separator: ", "))]" }
    for name in optional { text += " [, \(name)]" }
    return text
  }
}

extension APINotation.Parameter {
  /// Its name for people.
  var shown: String { name == "..." ? "…" : name }
}

extension APINotation.Result {
  /// What it is called; its type where that says enough.
  var shown: String { name == "..." ? "…" : name ?? type }
}
