import CommandCenter
import Dispatch
import HTTPTransport
import LuaVM
import Scripting
import Workflow

/// Takes letters to the addresses of profiles, by POST.
struct Postman: Courier {
  let profiles: Profiles

  func deliver(_ letter: Letter) async throws(Undelivered) {
    guard let profile = profiles.all.first(where: { $0.name == letter.profile }) else {
      throw Undelivered("this configuration has no profile \(letter.profile)")
    }
    let source: SecretSource? =
      if let name = letter.secret {
        profile.secrets[name]
      } else {
        letter.form == .slack ? profile.attention.slack : profile.attention.webhook
      }
    guard let source else { throw Undelivered("the profile names no address there any more") }
    try await Self.post(letter.body, to: { () throws(LuaFailure) in try source.fetch() }, of: profile)
  }

  /// - Parameter address: fetches it; that may block, as a command does.
  static func post(
    _ body: [UInt8], to address: @escaping @Sendable () throws(LuaFailure) -> Secret, of profile: Profile
  ) async throws(Undelivered) {
    let fetched: Result<Secret, LuaFailure> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(LuaFailure) {
          continuation.resume(returning: .success(try address()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    switch fetched {
    case .failure(let failure): throw Undelivered(failure.message)
    case .success(let secret):
      var settings = Webhook.usualSettings
      settings.allowsPlainHTTP = profile.allowsPlainHTTP
      if let proxy = profile.proxy { settings.proxy = proxy == "none" ? .none : .url(proxy) }
      do throws(TransportError) {
        try await Webhook(secret, settings: settings).post(body)
      } catch {
        throw Undelivered(error.message)
      }
    }
  }
}
