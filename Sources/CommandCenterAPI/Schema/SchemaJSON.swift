extension Workload {
  /// The schema of the payload as a JSON Schema, draft 2020-12. What that has no words for stands under `x-`:
  /// the names of numbers, the rules, the page.
  public func schemaJSON() -> JSONValue {
    var document: [JSONValue.Member] = [
      .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
      .init("title", .string(title)),
      .init("description", .string(doc)),
      .init("x-workload", .string(name)),
      .init("x-source", .string(source)),
    ]
    if !rules.isEmpty {
      let messages = rules.compactMap { $0.mistake(having: nil, association: nil)?.message }
      document.append(.init("x-rules", .array(messages.map { .string($0) })))
    }
    document += [
      .init("type", "object"),
      .init("properties", .object([.init(containers[0].name, schema(ofContainer: 0))])),
      .init("required", [.string(containers[0].name)]),
    ]
    return .object(document)
  }

  private func schema(ofContainer index: Int) -> JSONValue {
    var properties: [JSONValue.Member] = []
    var required: [JSONValue] = []
    for (field, container) in zip(fields, containerOfField) where container == index && field.isSent {
      properties.append(.init(field.name, schema(of: field)))
      if field.isRequired { required.append(.string(field.name)) }
    }
    for inner in containers.indices where parentOfContainer[inner] == index {
      properties.append(.init(containers[inner].name, schema(ofContainer: inner)))
      if isRequired(container: inner) { required.append(.string(containers[inner].name)) }
    }
    var object: [JSONValue.Member] = [.init("type", "object"), .init("properties", .object(properties))]
    if !required.isEmpty { object.append(.init("required", .array(required))) }
    switch containers[index].shape {
    case .object: return .object(object)
    case .list: return ["type": "array", "minItems": 1, "maxItems": 1, "items": .object(object)]
    case .associations: return ["type": "array", "minItems": 1, "items": .object(object)]
    }
  }

  /// Whether anything required stands in it.
  private func isRequired(container index: Int) -> Bool {
    zip(fields, containerOfField).contains { $0.isRequired && $1 == index }
      || containers.indices.contains { parentOfContainer[$0] == index && isRequired(container: $0) }
  }

  private func schema(of field: Field) -> JSONValue {
    var schema: [JSONValue.Member] = []
    if field.type != .json { schema.append(.init("type", .string(field.type.rawValue))) }
    schema.append(.init("description", .string(field.doc)))
    if let value = field.defaultValue { schema.append(.init("default", value)) }
    if let name = field.nameField { schema.append(.init("x-looked-up-by", .string(name))) }
    if !field.allowed.isEmpty {
      let values = field.allowed.map { value -> JSONValue in
        field.type == .integer ? .integer(value.number ?? 0) : .string(value.name)
      }
      if field.isClosed { schema.append(.init("enum", .array(values))) }
      let names = field.allowed.compactMap { value in
        value.number.map { JSONValue.Member(value.name, .integer($0)) }
      }
      if !names.isEmpty { schema.append(.init("x-numbers", .object(names))) }
    }
    if field.type == .integer && !(field.isClosed && !field.allowed.isEmpty) {
      schema.append(.init("minimum", .integer(field.range.lowerBound)))
      if field.range.upperBound < .max { schema.append(.init("maximum", .integer(field.range.upperBound))) }
    }
    if field.isRequired && field.type == .string && field.allowed.isEmpty {
      schema.append(.init("minLength", 1))
    }
    if let source = field.source { schema.append(.init("x-source", .string(source))) }
    return .object(schema)
  }
}
