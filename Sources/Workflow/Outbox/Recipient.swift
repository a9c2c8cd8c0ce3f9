/// An address that a profile's `attention` setting names.
public struct Recipient: Hashable, Sendable {
  public var profile: String
  public var form: Letter.Form

  public init(profile: String, form: Letter.Form) { (self.profile, self.form) = (profile, form) }
}
