import CommandCenterAPI
import PageBodies
import Testing

@Suite("A workload")
struct WorkloadTests {
  @Test("that is built in is found by its name")
  func builtIn() {
    #expect(Workload.builtIn.map(\.name) == ["dynamodb", "documentdb", "rds", "mssql", "oracle"])
    #expect(Workload.builtIn(named: "rds")?.title == "RDS snapshot backup")
    #expect(Workload.builtIn(named: "RDS") == nil)
  }

  @Test("has every field of its page, each in its place", arguments: Fixture.all)
  func fields(workload: Workload, body: String) throws {
    let extras = [
      "jobDescription", "startInSuspendedState", "useDefaultPriority", "priority", "jobRetryOpts",
    ]
    let names = workload.fields.map(\.name)
    let sent = workload.fields.filter(\.isSent).map(\.name)
    #expect(Set(sent) == Set(try Fixture.flat(body).map(\.name) + extras))
    #expect(names.allSatisfy { workload.fieldIndex($0).map { workload.fields[$0].name } == $0 })
    #expect(workload.slotCount == workload.fields.count + workload.containers.count)
    #expect(workload.fields.allSatisfy { !$0.doc.isEmpty && !workload.source(of: $0).isEmpty })
  }

  static let frame = Container.frame

  @Test(
    "that is declared wrongly says why, all at once",
    arguments: [
      ([], [], [], ["it has no fields", "it has 0 containers for associations; one is needed"]),
      (
        frame,
        [
          Field("clientName", .string, in: "association", doc: ""),
          Field("extra", .string, in: "task", doc: ""),
          Field("task", .string, in: "task", doc: ""),
          Field("size", .integer, in: "task", doc: "").defaulting(to: "big"),
          Field("flag", .boolean, in: "task", doc: "").oneOf([NamedValue("ON")]),
          Field("mode", .integer, in: "task", doc: "").oneOf([NamedValue("ON", 1), NamedValue("OFF")]),
          Field("kind", .string, in: "task", doc: "").oneOf([NamedValue("A"), NamedValue("a")])
            .defaulting(to: "B"),
        ],
        [Rule(where: "flagg", is: true, needs: "kind", among: [])],
        [
          "\"extra\" has a meaning of its own and can name no field", "task is declared twice",
          "clientName stands in association, which is not declared; did you mean associations?",
          "the default of size must be an integer, not the string \"big\"",
          "flag is a boolean and cannot have named values", "mode is an integer, so OFF needs a number",
          "kind allows one name twice", "the default of kind \"B\" is not allowed; use A or a",
          "a rule names flagg, which is no field; did you mean flag?",
          "a rule for flagg names no values that it needs",
        ]
      ),
      (
        [
          Container("a", in: nil, shape: .list), Container("b", in: nil),
          Container("c", in: "z"), Container("d", in: "a", shape: .associations),
          Container("e", in: "a", shape: .associations),
        ],
        [Field("f", .string, in: "a", doc: "")], [],
        [
          "the outermost container a is a list", "b stands in no container; only the first one may",
          "c stands in z, which is not declared before it",
          "it has 2 containers for associations; one is needed",
          "d stands in the list a; that cannot be sent", "e stands in the list a; that cannot be sent",
        ]
      ),
    ] as [([Container], [Field], [Rule], [String])])
  func declaration(containers: [Container], fields: [Field], rules: [Rule], mistakes: [String]) {
    #expect(throws: WorkloadError(workload: "mine", mistakes: mistakes)) {
      try Workload(
        name: "mine", title: "", doc: "", source: "", containers: containers, fields: fields, rules: rules)
    }
  }

  @Test("needs a name that a script can write", arguments: ["", "1st", "my-db", "my db", "größe"])
  func name(name: String) {
    #expect(
      throws: WorkloadError(workload: name, mistakes: ["\"\(name)\" is no name: use letters, digits and _"])
    ) {
      try Workload(
        name: name, title: "", doc: "", source: "", containers: Self.frame, fields: [.clientName])
    }
  }

  @Test("that a script declares has the same power as a built-in one")
  func declared() throws {
    let workload = try Workload(
      name: "redshift", title: "Redshift", doc: "", source: "a script",
      containers: [
        Container("taskInfo", in: nil), Container("associations", in: "taskInfo", shape: .associations),
        Container("task", in: "taskInfo"), Container("more", in: "task"),
      ],
      fields: [
        .clientName.required(), .appName.defaulting(to: "Redshift"),
        // Fields of one container need not stand together.
        Field("deep", .json, in: "more", doc: "anything"), .taskType(.string),
        Field("late", .integer, in: "more", doc: "late").within(-5...5),
      ],
      rules: [Rule(where: "late", is: -1, needs: "clientName", among: ["a", "b"])])
    #expect(
      try workload.payload([
        ("clientName", "a"), ("deep", .json("[1,[2]]")), ("late", -1), ("taskInfo", .json(#""x":1"#)),
      ])
        == #"{"taskInfo":{"associations":[{"clientName":"a","appName":"Redshift"}],"#
        + #""task":{"more":{"deep":[1,[2]],"late":-1},"taskType":"IMMEDIATE"},"x":1}}"#)
    #expect(try workload.payload([("clientName", "a"), ("deep", "text")]).contains(#""deep":"text""#))
    #expect(
      workload.complaints([("clientName", "c"), ("late", -1)])
        == ["contradiction: late -1 needs clientName a or b, not c"])
    #expect(
      workload.complaints([("clientName", "c"), ("late", -6)]) == ["outOfRange: late must be -5 to 5, not -6"]
    )
    let body = Array(try workload.payload([("clientName", "a")]).utf8)
    #expect(try PayloadReader(Workload.builtIn + [workload]).read(body).workload == "redshift")
    #expect(throws: PayloadReader.Refusal.unknownWorkload) { try PayloadReader().read(body) }
    #expect(workload.tagPoint(in: body) == nil)
  }
}
