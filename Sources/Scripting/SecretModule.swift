import LuaVM

/// A secret as Lua holds it: where it comes from, not what it is.
final class SecretReference {
  let source: SecretSource
  /// What the profile calls it; nil in a configuration.
  let name: String?

  init(_ source: SecretSource, name: String? = nil) { (self.source, self.name) = (source, name) }

  static func fill(_ stack: Stack) {
    stack.addMetamethod("__tostring") { call throws(LuaFailure) in
      call.push("<secret>")
      return .values(1)
    }
    stack.addMetamethod("__concat") { call throws(LuaFailure) in
      throw .argument("a secret cannot be part of a text: hand it to the function that needs it")
    }
  }
}

/// The global `secret`.
enum SecretModule {
  static let shape = APIShape(
    "secret", .object, "A secret of the profile: it prints as <secret>, and nobody can read what it holds.")

  static var entries: [APIEntry] {
    [
      APIEntry(
        "secret", "(name: string): secret",
        """
        A secret of the profile, by its name in the profile's `secrets`: an opaque value for functions that \
        need one. It prints as <secret>, and no script can read what it holds.
        """,
        example: "local s = secret \"slack-oncall\"  assert(tostring(s) == \"<secret>\")"
      ) { call throws(LuaFailure) in
        let session = Session.of(call)
        guard let name = call.string(1), !name.isEmpty else {
          throw .argument("secret takes the name of one of the profile's secrets, not \(call.quoted(1))")
        }
        call.push(
          SecretReference(try session.directory.secret(name), name: name), as: session.types.secret)
        return .values(1)
      }
    ]
  }
}
