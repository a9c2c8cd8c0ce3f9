/// What can stand in a call, for whoever completes it.
extension APIReference {
  /// What a table of named arguments may be that a function takes: of `run.window`, `commcell:jobs`, `pool`.
  ///
  /// - Parameters:
  ///   - argument: which of its arguments it is, from 0; beyond the last one the last is meant.
  ///   - fields: of the argument, in whose tables it stands.
  public static func argumentShapes(
    of name: String, at argument: Int = 0, below fields: [String] = []
  ) -> [APIShape] {
    let folded = String(name.map { $0 == ":" ? "." : $0 })
    let entry = entries.first { String($0.name.map { $0 == ":" ? "." : $0 }) == folded }
    guard let parameters = entry?.notation.parameters, !parameters.isEmpty else { return [] }
    let found = tables(of: parameters[min(argument, parameters.count - 1)].type)
    return fields.reduce(found) { shapes, name in
      shapes.flatMap(\.fields).filter { $0.name == name }.flatMap { tables(of: $0.type) }
    }
  }

  /// The tables of named arguments that a type allows.
  private static func tables(of type: String) -> [APIShape] {
    APINotation.typeNames(in: type).compactMap(shape).filter {
      if case .arguments = $0.kind { true } else { false }
    }
  }

  /// The texts that a type allows, where those are known.
  public static func values(of type: String) -> [String] {
    APINotation.typeNames(in: type).compactMap(shape).flatMap { shape -> [String] in
      if case .values(let values) = shape.kind { values.map(\.0) } else { [] }
    }
  }
}
