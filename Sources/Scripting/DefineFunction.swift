import CommandCenterAPI
import LuaVM

/// `backup.define{…}`: a further workload, declared with the words of the built-in five.
enum DefineFunction {
  static var entry: APIEntry {
    APIEntry(
      "backup.define", "(definition: workload_definition): workload",
      """
      Declares another workload. A field is the name of a usual one ("clientName", "backupLevel", …), or a table \
      that tells all of it. The workload is then there as backup.NAME too.
      """,
      example:
        "backup.define{ name = \"redshift\", fields = { \"clientName\", { name = \"subclientName\", required = true } } }",
      define)
  }

  static let shapes = [
    APIShape(
      "workload_definition", .arguments, "What backup.define takes.",
      [
        .init("name", "string", "what scripts call it"),
        .init("fields", "(string|field_definition)[]", "names of usual fields, or whole ones"),
        .init("title?", "string", "what people call it"),
        .init("doc?", "string", "what it is for"),
        .init("source?", "string", "the page that it comes from"),
        .init(
          "containers?", "container_definition[]", "objects of the payload that no built-in workload has"),
      ]),
    APIShape(
      "field_definition", .arguments, "A field of a workload.",
      [
        .init("name", "string", "what it is called"),
        .init("type?", "wire_type", "what goes over the wire; string where nothing is said"),
        .init("container?", "string", "the object that it stands in; associations where nothing is said"),
        .init("required?", "boolean", "whether a payload needs it"),
        .init("default?", "string|integer|boolean", "what is sent where nothing is given"),
        .init(
          "allowed?", "string[]|table<string, integer>", "its values: names, or names with their numbers"),
        .init("min?", "integer", "the least of an integer"),
        .init("max?", "integer", "the most of an integer"),
        .init("doc?", "string", "what it is, in a phrase"),
      ]),
    APIShape(
      "container_definition", .arguments, "An object of the payload.",
      [
        .init("name", "string", "what it is called"),
        .init("parent?", "string", "the object that it stands in; taskInfo where nothing is said"),
        .init("list?", "boolean", "whether it is a list that holds one object"),
      ]),
    APIShape(
      "wire_type",
      .values(Field.WireType.allCases.map { ($0.rawValue, $0.meaning) }), "What goes over the wire."),
  ]

  /// The fields that the pages share: a declaration may name them.
  private static let usual: [Field] =
    [
      .clientName, .clientId, .instanceName, .instanceId, .backupsetName, .backupsetId, .subclientName,
      .subclientId, .subclientGUID, .displayName, .commCellName, .csGUID, .appName, .applicationId,
      .entityType, .backupLevel, .notifyUserOnJobCompletion, .taskType(.integer), .subTaskType(.integer),
      .operationType(.integer),
    ] + Field.entityInfo + Field.user + Field.extrasOfAnyWorkload

  static func define(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    try call.requireTable(1, "backup.define: its argument")
    try knowOnly(call, 1, shapes[0].names, "backup.define")
    guard let name = try text(call, 1, "name", "backup.define"), isName(name) else {
      throw .argument("backup.define: name must be a name such as \"redshift\"")
    }
    if session.knowsWorkload(name) { throw .argument("backup.define: there is a workload \(name) already") }
    var fields = try readFields(call, "backup.define: \(name)")
    let given = Set(fields.map(\.name))
    for field in [Field.taskType(.integer), .subTaskType(.integer), .operationType(.integer)]
      + Field.extrasOfAnyWorkload where !given.contains(field.name)
    {
      fields.append(field)
    }
    let title = try text(call, 1, "title", name)
    let doc = try text(call, 1, "doc", name)
    let source = try text(call, 1, "source", name)
    let workload: Workload
    do throws(WorkloadError) {
      workload = try Workload(
        name: name, title: title ?? name, doc: doc ?? "A workload that the script declares.",
        source: source ?? "the script", containers: containers(for: fields) + readContainers(call),
        fields: fields)
    } catch {
      throw .argument("backup.define: \(name): \(error.mistakes.joined(separator: "; "))")
    }
    let kind = WorkloadKind(workload, in: call.core)
    session.kinds.append(kind)
    call.pushGlobal("backup")
    BackupModule.push(WorkloadFunction(kind, commcell: nil), session, call)
    call.copy(-1)
    call.set(-3, name)
    return .values(1)
  }

  // MARK: fields

  private static func readFields(_ call: Stack, _ place: String) throws(LuaFailure) -> [Field] {
    guard call.get(1, "fields") == .table else {
      throw .argument("\(place): fields must be a list of names and tables, not \(call.quoted(-1))")
    }
    let list = call.top
    var fields: [Field] = []
    for index in stride(from: 1, through: call.rawLength(list), by: 1) {
      call.get(list, at: index)
      fields.append(try readField(call, "\(place): fields[\(index)]"))
      call.pop()
    }
    call.pop()
    return fields
  }

  /// The field on top of the stack.
  private static func readField(_ call: Stack, _ place: String) throws(LuaFailure) -> Field {
    if let name = call.string(-1) {
      guard let known = usual.first(where: { $0.name == name }) else {
        let hint = didYouMean(name, among: usual.map(\.name)).map { "; did you mean \($0)?" } ?? ""
        throw .argument(
          "\(place): \(name) is no usual field\(hint.isEmpty ? "; declare it as a table" : hint)")
      }
      return known
    }
    try call.requireTable(-1, place)
    let table = call.top
    try knowOnly(
      call, table, shapes[1].names, place)
    guard let name = try text(call, table, "name", place) else { throw .argument("\(place) needs a name") }
    var field =
      usual.first { $0.name == name }
      ?? Field(name, .string, in: Container.associations.name, doc: "")
    if let type = try text(call, table, "type", place) {
      guard let known = Field.WireType(rawValue: type) else {
        throw .argument("\(place): type must be string, integer, boolean, object or json, not \"\(type)\"")
      }
      field.type = known
    }
    if let container = try text(call, table, "container", place) { field.container = container }
    if let doc = try text(call, table, "doc", place) { field.doc = doc }
    if call.get(table, "required") != .null { field = call.boolean(-1) ? field.required() : field }
    let least = call.get(table, "min") != .null ? call.integer(-1) : nil
    let most = call.get(table, "max") != .null ? call.integer(-1) : nil
    if least != nil || most != nil {
      let (low, high) = (least ?? 0, most ?? .max)
      guard low <= high else { throw .argument("\(place): min is above max") }
      field = field.within(low...high)
    }
    if call.get(table, "allowed") == .table { field = field.oneOf(try readAllowed(call, place)) }
    switch call.get(table, "default") {
    case .string: field.defaultValue = .string(call.string(-1) ?? "")
    case .boolean: field.defaultValue = .bool(call.boolean(-1))
    case .number:
      guard let number = call.integer(-1) else { throw .argument("\(place): default must be a whole number") }
      field.defaultValue = .integer(number)
    default: break
    }
    call.pop(call.top - table)
    return field
  }

  /// The allowed values on top of the stack: a list of names, or names with their numbers.
  private static func readAllowed(_ call: Stack, _ place: String) throws(LuaFailure) -> [NamedValue] {
    let table = call.top
    var values: [NamedValue] = []
    for index in stride(from: 1, through: call.rawLength(table), by: 1) {
      call.get(table, at: index)
      guard let name = call.string(-1) else { throw .argument("\(place): allowed must list names") }
      values.append(NamedValue(name))
      call.pop()
    }
    var numbered: [NamedValue] = []
    try call.forEach(table) { () throws(LuaFailure) in
      guard let name = call.string(-2) else { return }
      guard let number = call.integer(-1) else {
        throw .argument("\(place): allowed.\(name) must be a number")
      }
      numbered.append(NamedValue(name, number))
    }
    return values + numbered.sorted { ($0.number ?? 0, $0.name) < ($1.number ?? 0, $1.name) }
  }

  // MARK: containers

  /// `containers = { { name, parent [, list = true] }, … }`: those that the usual pages do not have.
  private static func readContainers(_ call: Stack) -> [Container] {
    guard call.get(1, "containers") == .table else {
      call.pop()
      return []
    }
    let list = call.top
    var containers: [Container] = []
    for index in stride(from: 1, through: call.rawLength(list), by: 1) {
      if call.get(list, at: index) == .table {
        let name = (try? text(call, call.top, "name", "")) ?? ""
        let parent = (try? text(call, call.top, "parent", "")) ?? nil
        let isList = call.get(-1, "list") != .null && call.boolean(-1)
        call.pop()
        containers.append(Container(name, in: parent ?? "taskInfo", shape: isList ? .list : .object))
      }
      call.pop()
    }
    call.pop()
    return containers
  }

  private static func containers(for fields: [Field]) -> [Container] {
    var known = Container.frame
    let used = Set(fields.map(\.container))
    if used.contains(Container.entityInfo.name) { known.append(.entityInfo) }
    if used.contains(Container.user.name) { known += Container.wayToUser }
    if used.contains(Container.oracleOptions.name) { known.append(.oracleOptions) }
    if used.contains(Container.dataOpt.name) { known.append(.dataOpt) }
    return known
  }

  // MARK: helpers

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 40
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && !text.first!.isNumber
  }

  private static func text(
    _ call: Stack, _ table: Int, _ name: String, _ place: String
  ) throws(LuaFailure) -> String? {
    defer { call.pop() }
    switch call.get(table, name) {
    case .null: return nil
    case .string: return call.string(-1)
    default: throw .argument("\(place): \(name) must be a string, not \(call.quoted(-1))")
    }
  }

  private static func knowOnly(
    _ call: Stack, _ table: Int, _ names: [String], _ place: String
  ) throws(LuaFailure) {
    try call.forEach(table) { () throws(LuaFailure) in
      guard let key = call.string(-2), names.contains(key) else {
        let hint = didYouMean(call.string(-2) ?? "", among: names).map { "; did you mean \($0)?" }
        throw .argument(
          "\(place) knows no \(call.quoted(-2))\(hint ?? "; it takes \(names.joined(separator: ", "))")")
      }
    }
  }
}
