public import Clock
internal import CommandCenterAPI
public import Journal

/// That a run needs a human, and why, as somebody outside is told of it.
public struct Notice: Hashable, Sendable {
  public struct Reason: Hashable, Sendable {
    /// One word for programs: `ambiguous`, `gave_up`, …
    public var kind: String
    /// `rds aws-prod/eu-west-1/crm`; nil where it is about none in particular.
    public var target: String?
    public var message: String

    public init(kind: String, target: String? = nil, message: String) {
      (self.kind, self.target, self.message) = (kind, target, message)
    }

    var text: String { (target.map { "\($0): " } ?? "") + message }
  }

  /// What `cvlua show` takes; nil where the run is not written down.
  public var run: String?
  /// The script's path.
  public var script: String
  /// `2026-11-21`
  public var night: String
  /// nil where the run came to no end.
  public var exit: Int?
  /// One word for programs: `needs_operator`, `partial`, …
  public var outcome: String
  /// What the run came to.
  public var sentence: String
  public var reasons: [Reason]

  public init(
    run: String?, script: String, night: String, exit: Int?, outcome: String, sentence: String,
    reasons: [Reason]
  ) {
    self.run = run
    self.script = script
    self.night = night
    self.exit = exit
    self.outcome = outcome
    self.sentence = sentence
    self.reasons = reasons
  }

  /// So many reasons are told at most, each of so many characters: whoever takes them has limits of his own.
  private static let mostReasons = 50
  private static let mostCharacters = 500

  /// All of it for people, a line for each reason.
  public var text: String {
    let code = exit.map { "exit \($0), " } ?? ""
    var lines = ["\(script), night of \(night): \(code)\(sentence)"]
    lines += reasons.prefix(Self.mostReasons).map { Self.short($0.text) }
    if reasons.count > Self.mostReasons { lines.append("… and \(reasons.count - Self.mostReasons) more") }
    if let run { lines.append("see cvlua show \(run)") }
    return lines.joined(separator: "\n")
  }

  /// The JSON that goes out.
  public func body(as form: Letter.Form) -> [UInt8] {
    switch form {
    case .slack: return Self.slack(text)
    case .teams: return Self.teams(text)
    case .pagerduty: return Self.pagerDuty(text, run: run ?? night, source: script)
    case .email:
      return Mail(
        subject: "cvlua: \(script), night of \(night): \(sentence)", text: text,
        id: run.map { "\($0).attention" }
      ).json
    case .webhook:
      var json = JSONWriter()
      json.beginObject()
      json.member("event", "attention")
      if let run { json.member("run", run) }
      json.member("night", night)
      json.member("script", script)
      if let exit { json.member("exit", Int64(exit)) }
      json.member("outcome", outcome)
      json.member("sentence", sentence)
      json.key("reasons")
      json.beginArray()
      for reason in reasons.prefix(Self.mostReasons) {
        json.beginObject()
        json.member("kind", reason.kind)
        if let target = reason.target { json.member("target", target) }
        json.member("message", Self.short(reason.message))
        json.endObject()
      }
      json.endArray()
      json.member("text", text)
      json.endObject()
      return json.bytes
    }
  }

  /// For the outbox of its run: told once to each.
  public func message(to recipient: Recipient, at moment: Moment) -> NewMessage {
    NewMessage(
      key: "attention \(recipient.form.rawValue)", kind: "attention", payload: letter(to: recipient).encoded,
      createdAt: moment)
  }

  public func letter(to recipient: Recipient) -> Letter {
    Letter(profile: recipient.profile, form: recipient.form, body: body(as: recipient.form))
  }

  private static func short(_ text: String) -> String {
    text.count > mostCharacters ? text.prefix(mostCharacters) + "…" : text
  }
}
