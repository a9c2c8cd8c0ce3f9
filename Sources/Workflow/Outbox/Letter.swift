internal import CommandCenterAPI

/// Something to be told to somebody outside, and to which of the configuration's addresses; never the address
/// itself, which is secret.
public struct Letter: Hashable, Sendable {
  /// What the one who takes it understands.
  public enum Form: String, CaseIterable, Sendable {
    /// An object with all there is.
    case webhook
    /// `{"text": …}`
    case slack
    /// A card for a webhook of Microsoft Teams' workflows.
    case teams
    /// An event for PagerDuty's Events API v2, without the routing key, which is secret.
    case pagerduty
    /// A mail for the host's sendmail; see ``Mail``.
    case email
  }

  /// The profile that knows the address.
  public var profile: String
  /// The name of one of the profile's `secrets`; nil for the address of its `attention` setting.
  public var secret: String?
  public var form: Form
  /// JSON.
  public var body: [UInt8]

  public init(profile: String, secret: String? = nil, form: Form, body: [UInt8]) {
    self.profile = profile
    self.secret = secret
    self.form = form
    self.body = body
  }

  /// What people call where it goes: `attention.slack of profile prod`.
  public var place: String {
    if form == .email, let to = Mail(body)?.to { return "the e-mail to \(to)" }
    let setting = secret.map { "secrets.\($0)" } ?? "attention.\(form.rawValue)"
    return "\(setting) of profile \(profile)"
  }

  /// For the journal.
  var encoded: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("profile", profile)
    if let secret { json.member("secret", secret) }
    json.member("form", form.rawValue)
    json.member("body", String(decoding: body, as: UTF8.self))
    json.endObject()
    return json.bytes
  }

  /// - Returns: nil where the bytes are of another version of this program.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSONValue(parsing: bytes), let profile = json["profile"]?.string,
      let form = json["form"]?.string.flatMap(Form.init), let body = json["body"]?.string
    else { return nil }
    self.init(profile: profile, secret: json["secret"]?.string, form: form, body: Array(body.utf8))
  }
}
