import CommandCenterAPI
import LuaVM
import Workflow

/// `run.tell`: a message to somebody outside.
extension RunModule {
  static var tellEntry: APIEntry {
    APIEntry(
      "run.tell", "(address: secret|string, form: tell_form, message: string|message)", waits: true,
      """
      Tells somebody outside. The address is a secret of the profile; of a mail it is a text such as \
      \"ops@example.com\". `message` is a string, or a table with a `text`, as run.on_attention gives one. Returns \
      when the message is on disk: it goes out from there, once a run, and again where the address does not answer. A \
      rehearsal tells nobody. require \"notify\" makes functions of it.
      """,
      example: "run.tell(secret \"oncall\", \"slack\", \"six tables are new\")", tell)
  }

  static let messageShape = APIShape(
    "message", .arguments, "What is told; an `attention` is one.",
    [
      .init("text", "string", "what people read"),
      .init("subject?", "string", "of a mail; else the text's first line"),
      .init("from?", "string", "whose a mail is; else whom sendmail takes it for"),
      .init(
        "severity?", "\"critical\"|\"error\"|\"warning\"|\"info\"", "of an event of PagerDuty; else error"),
      .init("dedup_key?", "string", "of an event of PagerDuty; else the run's: its events are one alert"),
      .init("source?", "string", "of an event of PagerDuty: what is affected"),
      .init("[string]", "any", "whatever else a webhook should get"),
    ])

  static let formShape = APIShape(
    "tell_form", .values(Letter.Form.allCases.map { ($0.rawValue, $0.meaning) }),
    "What the one who takes a message understands.")

  private static let most = 32 << 10

  private static func tell(_ call: Stack) throws(LuaFailure) -> Reply {
    let session = Session.of(call)
    guard let form = call.string(2).flatMap(Letter.Form.init) else {
      let forms = Letter.Form.allCases.map { "\"\($0.rawValue)\"" }
      throw .argument("run.tell: the form is one of \(forms.joined(separator: ", ")), not \(call.quoted(2))")
    }
    var name: String?
    if form != .email {
      name = call.object(1, as: session.types.secret)?.name
      guard name != nil else {
        // What stands there may be an address.
        throw .argument(
          "run.tell: the address must be a secret, as in secret \"oncall\", not a \(call.type(1).name)")
      }
    }
    let body = try body(call, form)
    guard body.count <= most else {
      throw .argument(
        "run.tell: the message is \(body.count >> 10) kB long; at most \(most >> 10) kB are told")
    }
    let (directory, address) = (session.directory, name)
    return try session.wait(
      call, { () async throws(LuaFailure) in try await directory.tell(address, form, body) }, { _, _ in 0 })
  }

  private static func body(_ call: Stack, _ form: Letter.Form) throws(LuaFailure) -> [UInt8] {
    let isText = call.type(3) == .string
    if !isText { try call.requireTable(3, "run.tell: the message, where it is no string,") }
    func member(_ name: String) throws(LuaFailure) -> String? {
      if isText { return nil }
      defer { call.pop() }
      if call.get(3, name) == .null { return nil }
      guard let text = call.string(-1) else {
        throw .argument("run.tell: \(name) of the message must be a string, not \(call.quoted(-1))")
      }
      return text
    }
    guard let text = try isText ? call.string(3) : member("text") else {
      throw .argument("run.tell: the message has no text")
    }
    let run = Session.of(call).run
    switch form {
    case .slack: return Notice.slack(text)
    case .teams: return Notice.teams(text)
    case .pagerduty:
      let severity = try member("severity") ?? "error"
      guard Notice.severities.contains(severity) else {
        throw .argument(
          "run.tell: the severity is one of \(Notice.severities.joined(separator: ", ")), not \"\(severity)\""
        )
      }
      return Notice.pagerDuty(
        text, run: run.ledger?.runName ?? run.night.date, source: try member("source") ?? "cvlua",
        key: try member("dedup_key"), severity: severity)
    case .email: return try mail(call, text, member)
    case .webhook:
      var json = JSONWriter()
      if isText {
        json.beginObject()
        json.member("text", text)
        json.endObject()
        return json.bytes
      }
      do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 3, to: &json) } catch {
        throw .argument("run.tell: the message: \(error.sentence)")
      }
      return json.bytes
    }
  }

  private static func mail(
    _ call: Stack, _ text: String, _ member: (String) throws(LuaFailure) -> String?
  ) throws(LuaFailure) -> [UInt8] {
    guard let to = call.string(1).flatMap(Mail.addresses) else {
      throw .argument(
        "run.tell: a mail goes to addresses such as \"ops@example.com\", with commas between several, not \(call.quoted(1))"
      )
    }
    let from = try member("from")
    if let from, Mail.addresses(from) == nil {
      throw .argument("run.tell: from must be an address such as \"cvlua@example.com\", not \"\(from)\"")
    }
    let session = Session.of(call)
    session.mails += 1
    let first = text.split(separator: "\n").first.map(String.init) ?? ""
    return Mail(
      to: to, from: from, subject: try member("subject") ?? "cvlua: \(first)", text: text,
      id: session.run.ledger.map { "\($0.runName).\(session.mails)" }
    ).json
  }
}
