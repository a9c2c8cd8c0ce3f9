extension Workload {
  /// The workloads that need no declaration.
  public static let builtIn: [Workload] = [.dynamodb, .documentdb, .rds, .mssql, .oracle]

  /// The built-in workload of this name.
  public static func builtIn(named name: String) -> Workload? {
    builtIn.first { $0.name == name }
  }

  /// Declares one of them, with what any workload may carry.
  static func builtIn(
    name: String, title: String, doc: String, page: String, containers: [Container], fields: [Field],
    rules: [Rule] = []
  ) -> Workload {
    try! Workload(
      // Declarations of ours are right: a test goes through them all.
      name: name, title: title, doc: doc, source: page, containers: containers,
      fields: fields + Field.extrasOfAnyWorkload, rules: rules)
  }
}
