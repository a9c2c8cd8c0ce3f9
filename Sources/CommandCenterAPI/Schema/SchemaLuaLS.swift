extension Workload {
  /// The schema as definitions for LuaLS: a class of the workload's fields, and the names of their values.
  ///
  /// All fields may be missing there: `:with` may have given them, and an id may stand for a name. Each says
  /// whether the page needs it.
  ///
  /// - Parameter prefix: what the names of the classes begin with.
  public func schemaLuaLS(prefix: String) -> String {
    let family = prefix + name
    var lines: [String] = []
    for field in fields where !field.allowed.isEmpty {
      lines.append("---@alias \(family).\(field.name)")
      lines += field.allowed.map { value in
        "---| \"\(value.name)\"" + (value.number.map { " # \($0)" } ?? "")
      }
      lines.append("")
    }
    lines += [
      "---\(doc) Page: \(source).", "---@class \(family).fields",
      "---@field associations? \(family).fields[] several targets: the fields of each",
      "---@field extra? table<string, table> what the page does not list, by the object that it stands in",
    ]
    lines += fields.map { "---@field \($0.name)? \(type(of: $0, family)) \(text(of: $0))" }
    let outermost = containers.indices.filter { parentOfContainer[$0] < 0 }.map { containers[$0].name }
    lines += outermost.map { "---@field \($0)? table all of it, nested as on the page" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func type(of field: Field, _ family: String) -> String {
    let plain =
      switch field.type {
      case .integer: "integer"
      case .string: "string"
      case .boolean: "boolean"
      case .object: "table"
      case .json: "any"
      }
    guard !field.allowed.isEmpty else { return plain }
    let named = "\(family).\(field.name)"
    // A script may write the name or the number.
    let hasNumbers = field.allowed.contains { $0.number != nil }
    if field.isClosed { return hasNumbers ? "\(named)|integer" : named }
    return hasNumbers && field.type != .integer ? "\(named)|\(plain)|integer" : "\(named)|\(plain)"
  }

  private func text(of field: Field) -> String {
    var text = field.doc
    if field.isRequired && field.defaultValue == nil { text += "; required" }
    if let value = field.defaultValue {
      let name = field.allowed.first { $0.number != nil && $0.number == value.int64 }?.name
      text += "; default \(name ?? value.plain)"
    }
    if let name = field.nameField { text += "; or give \(name), and it is looked up" }
    return text
  }
}
