import CommandCenter
import Dispatch
import HTTPTransport
import LuaVM
import Scripting
import Workflow

/// Takes letters to the addresses of profiles: by POST, or by the host's sendmail.
struct Postman: Courier {
  let profiles: Profiles

  func deliver(_ letter: Letter) async throws(Undelivered) {
    guard let profile = profiles.all.first(where: { $0.name == letter.profile }) else {
      throw Undelivered("this configuration has no profile \(letter.profile)")
    }
    if letter.form == .email { return try await Self.mail(letter, of: profile) }
    guard let source = profile.address(of: letter) else {
      throw Undelivered("the profile names no address there any more")
    }
    guard letter.form == .pagerduty else {
      return try await Self.post(
        letter.body, to: { () throws(LuaFailure) in try source.fetch() }, of: profile)
    }
    let (address, key) = try Self.pagerDuty(
      try await Self.fetched { () throws(LuaFailure) in try source.fetch() })
    // The key is never on disk: it joins the event here.
    let body = Array("{\"routing_key\":\"\(key)\",".utf8) + letter.body.dropFirst()
    try await Self.post(body, to: { () throws(LuaFailure) in address }, of: profile)
  }

  /// Where PagerDuty takes events, and the routing key: `KEY`, or `URL KEY` for another of its regions, or for whatever
  /// takes the same.
  private static func pagerDuty(_ secret: Secret) throws(Undelivered) -> (Secret, String) {
    let words = secret.revealed.split(separator: " ").map(String.init)
    guard let key = words.last, words.count <= 2,
      key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }),
      words.count == 2 || !key.contains("/")
    else { throw Undelivered("it is no routing key of PagerDuty, nor a URL, a blank and such a key") }
    return (Secret(words.count == 2 ? words[0] : "https://events.pagerduty.com/v2/enqueue"), key)
  }

  private static func mail(_ letter: Letter, of profile: Profile) async throws(Undelivered) {
    guard let mail = Mail(letter.body) else { throw Undelivered("it is no mail") }
    // Both were checked before; a configuration may have been changed since.
    guard let to = (mail.to ?? profile.attention.email).flatMap(Mail.addresses) else {
      throw Undelivered("the profile names no address there any more")
    }
    let mailer = Mailer(program: profile.sendmail)
    let failure: Undelivered? = await inBackground {
      do throws(Undelivered) {
        try mailer.send(mail, to: to)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// - Parameter address: fetches it; that may block, as a command does.
  static func post(
    _ body: [UInt8], to address: @escaping @Sendable () throws(LuaFailure) -> Secret, of profile: Profile
  ) async throws(Undelivered) {
    let secret = try await fetched(address)
    var settings = Webhook.usualSettings
    settings.allowsPlainHTTP = profile.allowsPlainHTTP
    if let proxy = profile.proxy { settings.proxy = proxy == "none" ? .none : .url(proxy) }
    do throws(TransportError) {
      try await Webhook(secret, settings: settings).post(body)
    } catch {
      throw Undelivered(error.message)
    }
  }

  private static func fetched(
    _ address: @escaping @Sendable () throws(LuaFailure) -> Secret
  ) async throws(Undelivered) -> Secret {
    let fetched: Result<Secret, LuaFailure> = await inBackground {
      do throws(LuaFailure) { return .success(try address()) } catch { return .failure(error) }
    }
    switch fetched {
    case .success(let secret): return secret
    case .failure(let failure): throw Undelivered(failure.message)
    }
  }

  /// What blocks has a thread of its own.
  private static func inBackground<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
  }
}

extension Profile {
  /// Where a letter goes by POST.
  fileprivate func address(of letter: Letter) -> SecretSource? {
    if let name = letter.secret { return secrets[name] }
    return switch letter.form {
    case .webhook: attention.webhook
    case .slack: attention.slack
    case .teams: attention.teams
    case .pagerduty: attention.pagerDuty
    case .email: nil
    }
  }
}
