/// What can stand in a call, for whoever completes it.
extension APIReference {
  /// The tables of named arguments that a function takes: of `run.window`, `commcell:jobs`, `pool`.
  public static func argumentShapes(of name: String) -> [APIShape] {
    let folded = String(name.map { $0 == ":" ? "." : $0 })
    let entry = entries.first { String($0.name.map { $0 == ":" ? "." : $0 }) == folded }
    return (entry?.notation.parameters ?? []).flatMap { APINotation.typeNames(in: $0.type) }.compactMap(shape)
      .filter { if case .arguments = $0.kind { true } else { false } }
  }

  /// The texts that a type allows, where those are known.
  public static func values(of type: String) -> [String] {
    APINotation.typeNames(in: type).compactMap(shape).flatMap { shape -> [String] in
      if case .values(let values) = shape.kind { values.map(\.0) } else { [] }
    }
  }
}
