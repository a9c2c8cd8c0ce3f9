import CommandCenter
import CommandCenterAPI
import LuaVM

/// Any other request of the API, for scripts.
extension Commcell {
  static var requestEntry: APIEntry {
    APIEntry(
      "commcell:request", "(request: request): answer",
      waits: true,
      """
      Any request of the API: `path` below its base (\"/Client/17\"), `method` GET where not given, `query` a table \
      of names and values, `body` a table (sent as JSON) or a string. Gives the HTTP status, whatever it is, and \
      the body: decoded JSON, or text. A GET is tried again where nothing got through; nothing else is sent twice, \
      unless the server says that it did nothing. Raises where no answer came. A backup submitted this way is no \
      part of the run.
      """,
      example:
        "local a = commcell():request{ path = \"/Client\" }  assert(a.status == 200 and #a.body.clientProperties == 2)",
      request)
  }

  static let requestShape = APIShape(
    "request", .arguments, "Any request of the API.",
    [
      .init("method?", "\"GET\"|\"POST\"|\"PUT\"|\"DELETE\"|\"PATCH\"", "GET where nothing is said"),
      .init("path", "string", "below the API's base, such as \"/Client/17\""),
      .init("query?", "table<string, any>", "names and values; a list gives a name several times"),
      .init("body?", "table|string", "sent as JSON, or as it is"),
    ])

  static let answerShape = APIShape(
    "answer", .table, "What came back.",
    [
      .init("status", "integer", "the HTTP status, whatever it is"),
      .init("body", "any", "decoded JSON, or text; nil where it is empty"),
    ])

  private static func request(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    let (commcell, arguments) = try receive(call, "commcell:request", requestShape.names)
    let method = try method(arguments)
    let path = try path(arguments) + query(arguments)
    let body = try body(arguments) ?? []
    if !body.isEmpty && method == .get {
      throw .argument("commcell:request: a GET has no body; say method = \"POST\", or give a query")
    }
    let (center, directory) = (commcell.center, session.directory)
    return try session.wait(
      call,
      { () async throws(LuaFailure) in
        // Who may not submit there may not change anything either.
        if method != .get { try await directory.permit(center) }
        do throws(CommandCenterError) {
          return try await center.answer(to: method, path, body: body)
        } catch {
          throw LuaFailure(error)
        }
      },
      { stack, answer in
        stack.pushTable(fields: 2)
        stack.push(Int64(answer.status))
        stack.set(-2, "status")
        pushBody(stack, answer.body)
        stack.set(-2, "body")
        return 1
      })
  }

  private static func method(_ arguments: NamedArguments) throws(LuaFailure) -> RequestMethod {
    guard let name = try arguments.text("method") else { return .get }
    guard let method = RequestMethod(rawValue: name.uppercased()) else {
      let names = RequestMethod.allCases.map(\.rawValue)
      throw .argument(
        "commcell:request: there is no method \"\(name)\"; there are \(names.joined(separator: ", "))")
    }
    return method
  }

  private static func path(_ arguments: NamedArguments) throws(LuaFailure) -> String {
    guard let path = try arguments.text("path") else {
      throw .argument("commcell:request needs a path, such as \"/Client\"")
    }
    if path.contains("?") {
      throw .argument("commcell:request: the path has a question mark; give query = { name = value } instead")
    }
    let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"#\\\"<>{}|^`".utf8.contains($0) }
    guard isPlain, !path.split(separator: "/").contains("..") else {
      throw .argument("commcell:request: \"\(path)\" is no path of the API, such as \"/Client/17\"")
    }
    return path.hasPrefix("/") ? path : "/" + path
  }

  /// The query in the order of its names; a list gives a name several times.
  private static func query(_ arguments: NamedArguments) throws(LuaFailure) -> String {
    let call = arguments.call
    func text(_ name: String) throws(LuaFailure) -> String {
      guard [.string, .number, .boolean].contains(call.type(-1)) else {
        throw arguments.mistake("query.\(name)", "a string, a number, a boolean, or a list of them")
      }
      return call.shown(-1)
    }
    var query = QueryText()
    _ = try arguments.value("query") { () throws(LuaFailure) in
      guard call.type(-1) == .table else { throw arguments.mistake("query", "a table of names and values") }
      var names: [String] = []
      try call.forEach(-1) { () throws(LuaFailure) in
        guard let name = call.string(-2) else {
          throw .argument("commcell:request: query has the key \(call.quoted(-2)), where names are wanted")
        }
        names.append(name)
      }
      for name in names.sorted() {
        defer { call.pop() }
        guard call.get(-1, name) == .table else {
          query.add(name, try text(name))
          continue
        }
        for index in stride(from: 1, through: call.rawLength(-1), by: 1) {
          call.get(-1, at: index)
          defer { call.pop() }
          query.add(name, try text(name))
        }
      }
    }
    return query.description
  }

  private static func body(_ arguments: NamedArguments) throws(LuaFailure) -> [UInt8]? {
    let call = arguments.call
    return try arguments.value("body") { () throws(LuaFailure) in
      if let text = call.bytes(-1) { return Array(text) }
      guard call.type(-1) == .table else { throw arguments.mistake("body", "a table or a string") }
      var json = JSONWriter()
      do throws(LuaJSON.Refusal) { try LuaJSON.write(call, -1, to: &json) } catch {
        throw .argument("commcell:request: body: \(error.sentence)")
      }
      return json.bytes
    }
  }

  /// Pushes decoded JSON, or the text that it is; nil for an empty body.
  private static func pushBody(_ stack: Stack, _ body: [UInt8]) {
    if body.isEmpty { return stack.pushNil() }
    body.withUnsafeBufferPointer { bytes in
      do { try LuaJSON.push(stack, bytes) } catch { stack.push(bytes: UnsafeRawBufferPointer(bytes)) }
    }
  }
}
