import CommandCenterAPI
import LuaVM
import Workflow

/// `run.tell`: a message to somebody outside.
extension RunModule {
  static var tellEntry: APIEntry {
    APIEntry(
      "run.tell", "(secret: secret, form: tell_form, message: string|message)", waits: true,
      """
      Posts a message to the address that is a secret of the profile. `form` is \"slack\" (its text, as incoming \
      webhooks of Slack take it) or \"webhook\" (a JSON object). `message` is a string, or a table with a `text`, \
      as run.on_attention gives one. Returns when the message is on disk: it goes out from there, once a run, and \
      again where the address does not answer. A rehearsal tells nobody. require \"notify\" makes functions of it.
      """,
      example: "run.tell(secret \"oncall\", \"slack\", \"six tables are new\")", tell)
  }

  static let messageShape = APIShape(
    "message", .arguments, "What is told; an `attention` is one.",
    [
      .init("text", "string", "what people read"),
      .init("[string]", "any", "whatever else a webhook should get"),
    ])

  static let formShape = APIShape(
    "tell_form", .values(Letter.Form.allCases.map { ($0.rawValue, $0.meaning) }),
    "What the one who takes a message understands.")

  private static let most = 32 << 10

  private static func tell(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    guard let name = call.object(1, as: session.types.secret)?.name else {
      // What stands there may be an address.
      throw .argument(
        "run.tell: the address must be a secret, as in secret \"oncall\", not a \(call.type(1).name)")
    }
    guard let form = call.string(2).flatMap(Letter.Form.init) else {
      throw .argument("run.tell: the form is \"slack\" or \"webhook\", not \(call.quoted(2))")
    }
    let body = try body(call, form)
    guard body.count <= most else {
      throw .argument(
        "run.tell: the message is \(body.count >> 10) kB long; at most \(most >> 10) kB are told")
    }
    let directory = session.directory
    return try session.wait(
      call, { () async throws(LuaFailure) in try await directory.tell(name, form, body) }, { _, _ in 0 })
  }

  private static func body(_ call: Stack, _ form: Letter.Form) throws(LuaFailure) -> [UInt8] {
    if call.type(3) == .string {
      let text = call.string(3) ?? ""
      if form == .slack { return Notice.slack(text) }
      var json = JSONWriter()
      json.beginObject()
      json.member("text", text)
      json.endObject()
      return json.bytes
    }
    try call.requireTable(3, "run.tell: the message, where it is no string,")
    call.get(3, "text")
    let text = call.string(-1)
    call.pop()
    guard let text else { throw .argument("run.tell: the message has no text") }
    if form == .slack { return Notice.slack(text) }
    var json = JSONWriter()
    do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 3, to: &json) } catch {
      throw .argument("run.tell: the message: \(error.sentence)")
    }
    return json.bytes
  }
}
