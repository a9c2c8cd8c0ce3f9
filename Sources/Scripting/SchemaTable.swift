import CommandCenterAPI
import LuaVM

/// A workload's schema as a Lua table: `backup.NAME.schema`.
enum SchemaTable {
  static let shapes = [
    APIShape(
      "schema", .table, "What a workload takes.",
      [
        .init("name", "string", "the workload's name"),
        .init("title", "string", "what people call it"),
        .init("doc", "string", "what it is for"),
        .init("source", "string", "the page that it comes from"),
        .init("fields", "schema_field[]", "its fields, in the page's order"),
      ]),
    APIShape(
      "schema_field", .table, "A field of a workload.",
      [
        .init("name", "string", "what it is called"),
        .init("type", "wire_type", "what goes over the wire"),
        .init("path", "string", "where it stands in the payload"),
        .init("doc", "string", "what it is"),
        .init("required", "boolean", "whether a payload needs it"),
        .init("sent", "boolean", "whether it is sent; else it is for looking up ids"),
        .init("looked_up_by?", "string", "the field of a name that may be given in its place"),
        .init("default?", "any", "what is sent where nothing is given"),
        .init("allowed?", "string[]", "the names of its values"),
      ]),
  ]

  /// Pushes `{ name, title, doc, source, fields = { { … }, … } }`.
  static func push(_ stack: Stack, _ workload: Workload) {
    stack.pushTable(fields: 5)
    set(stack, "name", workload.name)
    set(stack, "title", workload.title)
    set(stack, "doc", workload.doc)
    set(stack, "source", workload.source)
    stack.pushTable(list: workload.fields.count)
    for (index, field) in workload.fields.enumerated() {
      stack.pushTable(fields: 9)
      set(stack, "name", field.name)
      set(stack, "type", field.type.rawValue)
      set(stack, "path", workload.path(ofContainer: workload.containerOfField[index]))
      set(stack, "doc", field.doc)
      stack.push(field.isRequired)
      stack.set(-2, "required")
      stack.push(field.isSent)
      stack.set(-2, "sent")
      if let name = field.nameField { set(stack, "looked_up_by", name) }
      switch field.defaultValue {
      case .string(let text): set(stack, "default", text)
      case .integer(let number):
        stack.push(number)
        stack.set(-2, "default")
      case .bool(let flag):
        stack.push(flag)
        stack.set(-2, "default")
      default: break
      }
      if !field.allowed.isEmpty {
        stack.pushTable(list: field.allowed.count)
        for (place, value) in field.allowed.enumerated() {
          stack.push(value.name)
          stack.set(-2, at: place + 1)
        }
        stack.set(-2, "allowed")
      }
      stack.set(-2, at: index + 1)
    }
    stack.set(-2, "fields")
  }

  private static func set(_ stack: Stack, _ name: String, _ text: String) {
    stack.push(text)
    stack.set(-2, name)
  }
}
