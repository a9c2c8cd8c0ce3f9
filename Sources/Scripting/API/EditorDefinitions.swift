public import CommandCenterAPI

/// The definitions that LuaLS, and every editor that has it, reads: classes, types, texts and examples of all that
/// scripts see. Nothing of it is ever run.
public enum EditorDefinitions {
  /// Classes of ours begin so, and thereby meet no class of a script.
  static let prefix = "cvlua."

  /// The whole file.
  public static func all() -> String {
    ([head] + APIReference.shapes.map(text) + workloads(Workload.builtIn) + globals + [sandbox]).joined(
      separator: "\n")
  }

  /// Of workloads alone: their fields, and how they are called.
  public static func of(_ workloads: [Workload]) -> String {
    ([head] + self.workloads(workloads)).joined(separator: "\n")
  }

  private static let head = """
    -- Written by cvlua for editors: cvlua init writes it anew. It is never run.
    ---@meta _

    """

  // MARK: classes

  private static func text(_ shape: APIShape) -> String {
    var lines = ["---\(shape.summary)"]
    switch shape.kind {
    case .alias(let type): lines.append("---@alias \(prefix)\(shape.name) \(qualified(type))")
    case .values(let values):
      lines.append("---@alias \(prefix)\(shape.name)")
      lines += values.map { "---| \"\($0.0)\"\($0.1.isEmpty ? "" : " # \($0.1)")" }
    default:
      lines.append("---@class \(prefix)\(shape.name)\(shape.parent.map { ": \(prefix)\($0)" } ?? "")")
      lines += shape.fields.map { field in
        "---@field \(field.name)\(field.isOptional ? "?" : "") \(qualified(field.type)) \(field.doc)"
      }
      if let called = calledAs[shape.name],
        let entry = APIReference.entries.first(where: { $0.name == called })
      {
        lines.append("---@overload \(functionType(entry.notation, waits: entry.waits))")
      }
      let functions = APIReference.entries.filter { $0.owner == shape.name && $0.notation.isFunction }
      let values = APIReference.entries.filter { $0.owner == shape.name && !$0.notation.isFunction }
      lines += values.map { "---@field \($0.member) \(qualified($0.notation.results[0].type)) \($0.summary)" }
      if shape.name == "run" {
        lines.append("---@field var \(prefix)variables what --var NAME=VALUE gave")
      }
      let variable = word(shape.name)
      if !functions.isEmpty || isModule(shape) { lines.append("local \(variable) = {}") }
      for entry in functions where entry.name != "run.var" {
        lines += ["", function(entry, of: variable)]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The shapes that are called like a function, and the entry that says how.
  private static let calledAs = ["log": "log", "variables": "run.var", "workload": "workload"]

  private static func isModule(_ shape: APIShape) -> Bool {
    if case .module = shape.kind { true } else { false }
  }

  // MARK: globals

  private static var globals: [String] {
    var names: Set<String> = []
    return APIReference.entries.compactMap { entry -> String? in
      guard entry.owner == nil, entry.name != "workload" else {
        guard let owner = entry.owner, let shape = APIReference.shape(owner), isModule(shape),
          names.insert(owner).inserted
        else { return nil }
        return "---\(shape.summary)\n---@type \(prefix)\(owner)\n\(owner) = nil\n"
      }
      guard names.insert(entry.name).inserted else { return nil }
      if !entry.notation.isFunction || calledAs[entry.name] != nil {
        let type =
          calledAs[entry.name] != nil ? prefix + entry.name : qualified(entry.notation.results[0].type)
        return documentation(entry).joined(separator: "\n") + "\n---@type \(type)\n\(entry.name) = nil\n"
      }
      return function(entry, of: nil) + "\n"
    }
  }

  // MARK: functions

  private static func function(
    _ entry: APIEntry, of variable: String?, _ types: [String: String] = [:]
  ) -> String {
    var lines = documentation(entry)
    if entry.waits { lines.append("---@async") }
    let parameters = entry.notation.parameters
    let results = entry.notation.results
    let named = (parameters.map(\.type) + results.map(\.type)).flatMap(APINotation.typeNames)
    if named.contains("T") { lines.append("---@generic T") }
    for parameter in parameters {
      let name = parameter.name + (parameter.isOptional ? "?" : "")
      lines.append("---@param \(name) \(qualified(parameter.type, types))")
    }
    for result in results {
      lines.append("---@return \(qualified(result.type, types))" + (result.name.map { " \($0)" } ?? ""))
    }
    let path = variable.map { $0 + (entry.isMethod ? ":" : ".") + entry.member } ?? entry.name
    lines.append("function \(path)(\(parameters.map(\.name).joined(separator: ", "))) end")
    return lines.joined(separator: "\n")
  }

  private static func documentation(_ entry: APIEntry) -> [String] {
    ["---\(entry.summary)", "---", "---```lua"]
      + APIReference.split(entry.example, at: "  ").map { "---\($0)" } + ["---```"]
  }

  private static func functionType(
    _ notation: APINotation, waits: Bool, _ types: [String: String] = [:]
  ) -> String {
    let parameters = notation.parameters.map { parameter in
      "\(parameter.name)\(parameter.isOptional ? "?" : ""): \(qualified(parameter.type, types))"
    }
    let results = notation.results.map { qualified($0.type, types) }
    return "\(waits ? "async " : "")fun(\(parameters.joined(separator: ", ")))"
      + (results.isEmpty ? "" : ": " + results.joined(separator: ", "))
  }

  // MARK: workloads

  private static func workloads(_ workloads: [Workload]) -> [String] {
    let entries = APIReference.entries.filter { $0.name.hasPrefix("workload") }
    return workloads.map { workload in
      let types = ["fields": "\(prefix)\(workload.name).fields", "workload": prefix + workload.name]
      var lines = ["---\(workload.doc)", "---@class \(prefix)\(workload.name): \(prefix)workload"]
      for entry in entries where entry.owner == nil {
        lines.append("---@overload \(functionType(entry.notation, waits: entry.waits, types))")
      }
      let variable = word(workload.name)
      lines.append("local \(variable) = {}")
      for entry in entries where entry.owner != nil { lines += ["", function(entry, of: variable, types)] }
      return workload.schemaLuaLS(prefix: prefix) + "\n" + lines.joined(separator: "\n") + "\n"
    }
  }

  // MARK: words

  /// The type with the names of our classes as LuaLS has them.
  private static func qualified(_ type: String, _ types: [String: String] = [:]) -> String {
    APINotation.replacingNames(in: type) { name in
      if let known = types[name] { return known }
      let isOurs = APIReference.shape(name) != nil || Workload.builtIn(named: name) != nil
      return isOurs ? prefix + name : name
    }
  }

  /// A local's name: `_` before what would be a global of the same file.
  private static func word(_ name: String) -> String { "_" + name }
}
