import CommandCenterAPI
import LuaVM
import Scripting
import Testing

@Suite("The API table is complete")
struct APITableTests {
  @Test("Each entry has a signature, a summary that is a sentence, and an example that runs")
  func entries() async throws {
    let entries = APIReference.entries
    #expect(Set(entries.map(\.name)).count == entries.count)
    for entry in entries {
      #expect(entry.signature.hasPrefix(entry.shownName), "\(entry.name)")
      #expect(entry.summary.hasSuffix(".") && entry.summary.first!.isUppercase, "\(entry.name)")
      #expect(entry.example.contains(entry.member) || entry.name == "workload", "\(entry.name)")
      let said = await (try Rehearsal()).value("local log = log\n" + entry.example)
      #expect(said == "nothing", "\(entry.name): \(said)")
    }
  }

  @Test("Each kind of value says what it is, and each of its fields too")
  func shapes() {
    #expect(Set(APIReference.shapes.map(\.name)).count == APIReference.shapes.count)
    for shape in APIReference.shapes {
      #expect(shape.summary.hasSuffix(".") && shape.summary.first!.isUppercase, "\(shape.name)")
      for field in shape.fields { #expect(!field.doc.isEmpty, "\(shape.name).\(field.name)") }
      if let parent = shape.parent { #expect(APIReference.shape(parent) != nil) }
    }
  }

  @Test("Each type that is named is one of Lua's, or a kind of value with a page of its own")
  func types() {
    let ofLua = [
      "any", "nil", "boolean", "string", "number", "integer", "table", "lightuserdata", "fun", "async",
      "false",
      "T",
    ]
    let known = Set(ofLua + APIReference.shapes.map(\.name) + Workload.builtIn.map(\.name))
    for entry in APIReference.entries {
      let notation = entry.notation
      for type in notation.parameters.map(\.type) + notation.results.map(\.type) {
        #expect(Set(APINotation.typeNames(in: type)).isSubset(of: known), "\(entry.name): \(type)")
      }
      #expect(notation.parameters.allSatisfy { !$0.name.isEmpty && !$0.type.isEmpty }, "\(entry.name)")
      #expect(notation.isFunction || notation.results.count == 1, "\(entry.name)")
    }
    for shape in APIReference.shapes {
      for field in shape.fields {
        #expect(Set(APINotation.typeNames(in: field.type)).isSubset(of: known), "\(shape.name).\(field.name)")
      }
    }
  }

  @Test("Each entry and each kind of value has a page, its definition for editors, and its completion")
  func everywhere() {
    let definitions = EditorDefinitions.all()
    let markdown = APIReference.markdown()
    let names = Set(APIReference.names)
    for entry in APIReference.entries {
      let page = APIReference.page(entry.name) ?? ""
      #expect(page.contains(entry.signature) && page.contains("  example\n"), "\(entry.name)")
      #expect(markdown.contains("### `\(entry.signature)`"), "\(entry.name)")
      #expect(names.contains(entry.name))
      if let owner = entry.owner {
        #expect(APIReference.members(of: owner).contains(entry.member), "\(entry.name)")
      }
      #expect(Self.isDefined(entry, in: definitions), "\(entry.name)")
    }
    for shape in APIReference.shapes {
      // A page breaks long lines.
      let page = APIReference.page(shape.name)?.split(separator: "\n").joined(separator: " ")
      #expect(page?.contains(shape.summary) ?? false, "\(shape.name)")
      #expect(names.contains(shape.name) && markdown.contains(shape.summary), "\(shape.name)")
      let hasDefinition = ["class", "alias"].contains {
        definitions.contains("---@\($0) cvlua.\(shape.name)\n")
          || definitions.contains("---@\($0) cvlua.\(shape.name) ")
          || definitions.contains("---@\($0) cvlua.\(shape.name):")
      }
      #expect(hasDefinition, "\(shape.name)")
      for name in shape.names { #expect(APIReference.members(of: shape.name).contains(name)) }
    }
  }

  private static func isDefined(_ entry: APIEntry, in definitions: String) -> Bool {
    let parameters = "(\(entry.notation.parameters.map(\.name).joined(separator: ", "))) end\n"
    return switch entry.name {
    case "run.var":
      definitions.contains("---@field var cvlua.variables ")
        && definitions.contains("---@overload fun(name: ")
    case "log": definitions.contains("\nlog = nil\n")
    case "workload": definitions.contains("---@overload async fun(fields: cvlua.rds.fields, ")
    case _ where !entry.notation.isFunction:
      definitions.contains("---@field \(entry.member) ") || definitions.contains("\n\(entry.name) = nil\n")
    case _ where entry.owner == nil: definitions.contains("\nfunction \(entry.name)\(parameters)")
    default: definitions.contains("\nfunction _\(entry.name)\(parameters)")
    }
  }

  @Test("Each class that the definitions for editors name is defined there, once")
  func classes() throws {
    let definitions = EditorDefinitions.all()
    var defined: [String] = []
    for line in definitions.split(separator: "\n") {
      for tag in ["---@class ", "---@alias "] where line.hasPrefix(tag) {
        defined.append(String(line.dropFirst(tag.count).prefix { $0 != " " && $0 != ":" }))
      }
    }
    #expect(Set(defined).count == defined.count)
    let notOfWords: Set<Character> = [" ", "[", "]", "|", ",", ":", "(", ")", "<", ">", "\n", "?"]
    let words = definitions.split { notOfWords.contains($0) }.filter {
      $0.hasPrefix("cvlua.") && $0 != "cvlua."
    }
    #expect(Set(words.map(String.init)).subtracting(defined).isEmpty)
    // Annotations stand right above what they are of: nothing parts them but further ones.
    let lines = definitions.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.hasPrefix("---@param") || line.hasPrefix("---@return")
    {
      let next = lines[(index + 1)...].first { !$0.hasPrefix("---@") } ?? ""
      #expect(next.hasPrefix("function "), "\(line)")
    }
  }

  @Test("The definitions for editors are Lua")
  func definitions() async throws {
    #expect(try await Rehearsal().value(EditorDefinitions.all()) == "nothing")
    #expect(try await Rehearsal().value(EditorDefinitions.of(Workload.builtIn)) == "nothing")
  }

  @Test("Editors and luacheck are told which part of Lua is there")
  func sandbox() async throws {
    let list = """
      local found = {}
      for name, value in pairs(_G) do
        found[#found + 1] = name
        if type(value) == "table" and name ~= "_G" then
          for member in pairs(value) do found[#found + 1] = name .. "." .. member end
        end
      end
      return table.concat(found, " ")
      """
    func names(_ profile: VM.Options.Profile) async throws -> Set<String> {
      Set((try await Rehearsal(profile: profile).value(list)).split(separator: " ").map(String.init))
    }
    let (whole, ours) = (try await names(.trusted), try await names(.operator))
    let settings = EditorFiles.luacheckrc().split(separator: "not_globals = {")[1].split(separator: "\"")
    // Debian's library has some of Lua 5.2's math too.
    let missing = whole.subtracting(ours).filter { !$0.hasPrefix("package.") && !$0.hasPrefix("math.") }
    #expect(Set(settings.map(String.init).filter { $0.first!.isLetter }) == missing)
    let definitions = EditorDefinitions.all()
    for name in ours where ["debug.", "io.", "os."].contains(where: name.hasPrefix) {
      let isThere = definitions.contains("\nfunction \(name)(") || definitions.contains("\n\(name) = nil\n")
      #expect(isThere, "\(name)")
    }
  }

  // MARK: what is really there

  @Test("What scripts find in the globals is in the table, and the other way round")
  func globals() async throws {
    let list = """
      local found = {}
      local function add(prefix, t)
        for name, value in pairs(t) do
          found[#found + 1] = prefix .. name
          if prefix == "" and type(value) == "table" and name ~= "_G" then add(name .. ".", value) end
        end
      end
      add("", _G)
      return table.concat(found, " ")
      """
    let bare = VM()
    try await bare.open()
    let stock = Set(
      await bare.run(.text(Array(list.utf8), name: "=list")).returned?.split(separator: " ") ?? [])
    #expect(stock.contains("string.format"))
    let found = Set(try await Rehearsal().value(list).split(separator: " ")).subtracting(stock).map(
      String.init)
    // The command line adds `arg`; the workloads of `backup` are the fields of its kind.
    let entries = APIReference.entries.filter {
      !$0.isMethod && !$0.name.hasPrefix("workload") && $0.name != "arg"
    }
    let modules = APIReference.shapes.filter { if case .module = $0.kind { true } else { false } }
    let fields = modules.flatMap { module in module.names.map { "\(module.name).\($0)" } }
    #expect(Set(found) == Set(entries.map(\.name) + modules.map(\.name) + fields))
  }

  /// How a script comes by an object of each kind.
  private static let objects = [
    ("branch", "flow.spawn(function() end)"), ("semaphore", "flow.semaphore(1)"),
    ("permit", "flow.semaphore(1):acquire()"), ("job", "job(1)"), ("commcell", "commcell()"),
    ("pool", "pool{ name = 'p', max = 1 }"), ("task", rds), ("workload", "backup.rds"),
    ("records", "flow.map({}, print)"), ("secret", "secret 's'"),
  ]

  private static let rds =
    "backup.rds{ clientName = 'aws-prod', instanceName = 'eu-west-1', subclientName = 'crm' }"

  @Test("An object has the members of its kind, and no other", arguments: objects)
  func members(_ shape: String, _ expression: String) async throws {
    let names = APIReference.members(of: shape)
    let rehearsal = try await Rehearsal(profile: .trusted)
    let missing = await rehearsal.value(
      """
      local object, missing = \(expression), {}
      for _, name in ipairs{ \(names.map { "'\($0)'" }.joined(separator: ", ")) } do
        if object[name] == nil then missing[#missing + 1] = name end
      end
      return table.concat(missing, " ")
      """)
    #expect(missing == "", "\(shape)")
    // Where members are looked up by a function of the host's, its own list is the table's.
    let more = await rehearsal.value(
      """
      local index, names = debug.getmetatable(\(expression)).__index, {}
      if type(index) == "table" then for name in next, index do names[#names + 1] = name end end
      return table.concat(names, " ")
      """)
    #expect(Set(more.split(separator: " ").map(String.init)).isSubset(of: names), "\(shape): \(more)")
  }

  /// How a script comes by a table of each kind.
  private static let tables = [
    ("night", "run.night"), ("record", "flow.all{ function() error('no') end }[1]"),
    ("result", "\(rds):wait()"),
    ("result", "run.skip('oracle ERP', 'not tonight')"), ("schema", "backup.rds.schema"),
    ("schema_field", "backup.mssql.schema.fields[1]"), ("schema_field", "backup.oracle.schema.fields[1]"),
    ("job_status", "job(\(rds).jobs[1]):wait()"), ("job_status", "job(\(rds).jobs[1]):status()"),
    ("entity", "commcell():clients()[1]"), ("entity", "commcell():subclients{ client = 'aws-prod' }[1]"),
    ("ids", "commcell():id_of{ client = 'aws-prod', instance = 'eu-west-1', subclient = 'crm' }"),
    ("answer", "commcell():request{ path = '/Client' }"),
    ("error", "select(2, pcall(backup.rds, { clientNme = 'a' }))"), ("error", "select(2, pcall(pool))"),
  ]

  @Test("A table that is given has the fields of its kind, and no other", arguments: tables)
  func fields(_ shape: String, _ expression: String) async throws {
    let found = await (try Rehearsal()).value(
      """
      local names = {}
      for name in next, \(expression) do names[#names + 1] = name end
      return table.concat(names, " ")
      """)
    let names = Set(found.split(separator: " ").map(String.init))
    let allowed = Set(APIReference.members(of: shape))
    #expect(names.isSubset(of: allowed), "\(shape): \(found)")
    var needed = APIReference.shape(shape).map(\.fields) ?? []
    needed += APIReference.shape(shape)?.parent.flatMap(APIReference.shape)?.fields ?? []
    for field in needed where !field.isOptional { #expect(names.contains(field.name), "\(shape): \(found)") }
  }

  @Test(
    "A function that takes named arguments takes those of the table",
    arguments: [
      ("window", "run.window{ nothing_like_it = 1 }"), ("expectation", "run.expect{ nothing_like_it = 1 }"),
      ("pool_options", "pool{ nothing_like_it = 1 }"),
      ("job_query", "commcell():jobs{ nothing_like_it = 1 }"),
      ("map_options", "flow.map({}, print, { nothing_like_it = 1 })"),
      ("submit_options", "backup.rds({}, { nothing_like_it = 1 })"),
      ("request", "commcell():request{ nothing_like_it = 1 }"),
      ("subclient_query", "commcell():subclients{ nothing_like_it = 1 }"),
      ("workload_definition", "backup.define{ nothing_like_it = 1 }"),
      ("field_definition", "backup.define{ name = 'x', fields = { { nothing_like_it = 1 } } }"),
    ])
  func arguments(_ shape: String, _ call: String) async throws {
    let said = await (try Rehearsal()).value(call)
    let names = APIReference.shape(shape)?.names ?? ["?"]
    #expect(said.hasSuffix(names.joined(separator: ", ")), "\(said)")
  }

  // MARK: completion

  @Test("The prompt completes each function and value of the table")
  func completion() async throws {
    let owners = Set(APIReference.entries.filter { !$0.isMethod }.compactMap(\.owner))
    let vm = try await Rehearsal().vm
    for owner in owners.subtracting(["workload"]) {
      let names = await vm.with { core in Session.members(core, of: [owner], prefix: "").map(\.name) }
      let missing = Set(APIReference.members(of: owner)).subtracting(names)
      #expect(missing.isEmpty, "\(owner)")
    }
    let globals = await vm.with { core in Session.members(core, of: ["_G"], prefix: "").map(\.name) }
    let known = APIReference.entries.filter { $0.owner == nil && $0.name != "workload" && $0.name != "arg" }
    #expect(Set(known.map(\.name)).union(owners).subtracting(["workload"]).isSubset(of: globals))
  }

  @Test("The prompt completes each member of an object", arguments: objects)
  func completion(_ shape: String, _ expression: String) async throws {
    let rehearsal = try await Rehearsal()
    #expect(await rehearsal.value("it = \(expression)") == "nothing")
    let names = await rehearsal.vm.with { core in Session.members(core, of: ["it"], prefix: "").map(\.name) }
    // An object may have fields of its own besides, such as the records of a list.
    #expect(Set(APIReference.members(of: shape)).isSubset(of: names), "\(names)")
  }

  @Test("The prompt completes the named arguments of each function that takes some")
  func arguments() {
    for entry in APIReference.entries {
      for (index, parameter) in entry.notation.parameters.enumerated() {
        let shapes = APINotation.typeNames(in: parameter.type).compactMap(APIReference.shape)
        for case (let shape, .arguments) in shapes.map({ ($0, $0.kind) }) {
          let known = APIReference.argumentShapes(of: entry.name, at: index)
          #expect(known.contains { $0.name == shape.name }, "\(entry.name)")
        }
      }
    }
    let limit = APIReference.argumentShapes(of: "workload:with", at: 1, below: ["finish_within"])
    #expect(limit.flatMap(\.names) == ["after", "action"])
    #expect(APIReference.argumentShapes(of: "workload", at: 1, below: ["after"]).isEmpty)
  }

  // MARK: pages

  @Test("A page is found by a name, its last word, or with the other sign between")
  func names() {
    for name in ["flow.map", "map", "flow.map()", "flow:map"] {
      #expect(
        APIReference.page(name)?.hasPrefix("flow.map(list, fn [, options]) -> records\n") ?? false, "\(name)")
    }
    for name in ["backup.rds", "rds", "workload", "backup.NAME"] {
      #expect(
        APIReference.page(name)?.hasPrefix("backup.NAME(fields [, options]) -> task\n") ?? false, "\(name)")
    }
    #expect(APIReference.page("nothing") == nil)
    #expect(APIReference.meant("flow.mpa") == "flow.map")
  }

  @Test("A signature names what is taken and given")
  func signatures() {
    let signatures = Dictionary(uniqueKeysWithValues: APIReference.entries.map { ($0.name, $0.signature) })
    #expect(signatures["pool"] == "pool{ name, max [, weight] [, counts_others] } -> pool")
    #expect(signatures["commcell:clients"] == "commcell:clients{ [refresh] } -> list")
    #expect(signatures["flow.race"] == "flow.race(functions) -> record, key")
    #expect(signatures["run.night"] == "run.night: night")
    #expect(signatures["branch:join"] == "branch:join() -> any, …")
  }
}
