/// Finds what is wrong with the declaration of a workload.
struct WorkloadCheck {
  let name: String
  let containers: [Container]
  let fields: [Field]
  let rules: [Rule]

  /// The word by which a script adds what a schema does not list.
  static let reservedName = "extra"
  /// Beyond any page, and within what a program of the encoder can address.
  static let mostSlots = 1000

  func mistakes() -> [String] {
    var found: [String] = []
    if !isName(name) { found.append("\"\(name)\" is no name: use letters, digits and _") }
    checkNames(&found)
    checkContainers(&found)
    for field in fields { check(field, &found) }
    for rule in rules { check(rule, &found) }
    return found
  }

  private func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy {
      $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
    }
  }

  private func checkNames(_ found: inout [String]) {
    if fields.isEmpty { found.append("it has no fields") }
    if fields.count + containers.count > Self.mostSlots {
      found.append("it has more than \(Self.mostSlots) fields and containers")
    }
    var seen: Set<String> = []
    for name in containers.map(\.name) + fields.map(\.name) {
      if name.isEmpty { found.append("a field or container has an empty name") }
      if name == Self.reservedName {
        found.append("\"\(name)\" has a meaning of its own and can name no field")
      }
      if !seen.insert(name).inserted { found.append("\(name) is declared twice") }
    }
  }

  private func checkContainers(_ found: inout [String]) {
    var outer: [String: Container] = [:]
    for container in containers {
      defer { outer[container.name] = container }
      guard let parent = container.parent else {
        if !outer.isEmpty { found.append("\(container.name) stands in no container; only the first one may") }
        if container.isList { found.append("the outermost container \(container.name) is a list") }
        continue
      }
      if outer[parent] == nil {
        found.append("\(container.name) stands in \(parent), which is not declared before it")
      }
    }
    let lists = containers.filter { $0.shape == .associations }
    if lists.count != 1 { found.append("it has \(lists.count) containers for associations; one is needed") }
    for list in lists {
      var parent = list.parent
      while let name = parent, let container = outer[name] {
        if container.isList { found.append("\(list.name) stands in the list \(name); that cannot be sent") }
        parent = container.parent == name ? nil : container.parent
      }
    }
  }

  private func check(_ field: Field, _ found: inout [String]) {
    if !containers.contains(where: { $0.name == field.container }) {
      let hint = didYouMean(field.container, among: containers.map(\.name))
      found.append("\(field.name) stands in \(field.container), which is not declared" + hint.suffix)
    }
    if !field.allowed.isEmpty {
      if field.type != .integer && field.type != .string {
        found.append("\(field.name) is \(field.type.phrase) and cannot have named values")
      }
      if Set(field.allowed.map { $0.name.lowercased() }).count < field.allowed.count {
        found.append("\(field.name) allows one name twice")
      }
      for value in field.allowed where field.type == .integer && value.number == nil {
        found.append("\(field.name) is an integer, so \(value.name) needs a number")
      }
    }
    if !field.isSent && (field.isRequired || field.defaultValue != nil) {
      found.append("\(field.name) is not sent, so it can be neither required nor have a default")
    }
    if let value = field.defaultValue {
      if let why = field.objection(to: value) { found.append("the default of \(field.name) \(why)") }
    }
  }

  private func check(_ rule: Rule, _ found: inout [String]) {
    check(rule.field, [rule.value], &found)
    check(rule.neededField, rule.neededValues, &found)
    if fields.contains(where: { $0.name == rule.field && $0.defaultValue == rule.value }) {
      found.append("a rule for \(rule.field) applies to its default; let the default be another")
    }
    if rule.neededValues.isEmpty { found.append("a rule for \(rule.field) names no values that it needs") }
  }

  private func check(_ name: String, _ values: [JSONValue], _ found: inout [String]) {
    guard let field = fields.first(where: { $0.name == name }) else {
      found.append(
        "a rule names \(name), which is no field" + didYouMean(name, among: fields.map(\.name)).suffix)
      return
    }
    for value in values {
      if let why = field.objection(to: value) { found.append("a rule's value for \(name) \(why)") }
    }
  }
}
