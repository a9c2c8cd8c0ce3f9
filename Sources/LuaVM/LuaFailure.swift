/// What went wrong in a script or in a host function: what `error` objects hold.
///
/// In Lua it is a table with these fields, whose `tostring` is one sentence with the script's line.
public struct LuaFailure: Error, Hashable {
  /// What kind of mistake, as scripts see it in `kind`: `runtime`, `syntax`, `argument`, `payload`,
  /// `cancelled`, `interrupted`, …
  public var kind: String
  /// One sentence, without the place.
  public var message: String
  /// `file:line` of the script where it happened; nil where no script line is to blame.
  public var place: String?
  /// The code that a server gave, if it is one's.
  public var code: Int64?
  /// The field of a payload, if it is about one.
  public var field: String?
  /// Each mistake on its own, where there may be several.
  public var details: [LuaFailure]
  /// Lua's stack traceback at the moment of the error.
  public var traceback: String?

  public init(
    _ kind: String, _ message: String, place: String? = nil, code: Int64? = nil, field: String? = nil,
    details: [LuaFailure] = [], traceback: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.place = place
    self.code = code
    self.field = field
    self.details = details
    self.traceback = traceback
  }

  /// The kind of an error that scripts get as a plain string, as stock Lua raises it.
  static let plain = "plain"

  /// A wrong argument of a host function.
  public static func argument(_ message: String) -> LuaFailure {
    LuaFailure("argument", message)
  }

  /// The sentence with its place: what `tostring` gives.
  public var sentence: String {
    if let place, !place.isEmpty { "\(place): \(message)" } else { message }
  }
}
