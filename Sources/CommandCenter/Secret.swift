/// A text that must not be seen: a password, a token. However it is printed, it shows as `<secret>`.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself, for the two places that send it: logins, and the addresses of webhooks.
  package let revealed: String

  public init(_ text: String) {
    revealed = text
  }

  public var description: String { "<secret>" }
  public var debugDescription: String { "<secret>" }
  // Keeps `dump` and string interpolation of what holds a secret from looking inside.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
