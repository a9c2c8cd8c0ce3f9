/// A kind of value that functions take or give: what it is called in their types, and what stands in it.
public struct APIShape: Sendable {
  public struct Field: Sendable {
    /// `[integer]` and `[string]` where the names are anybody's.
    public let name: String
    public let type: String
    public let isOptional: Bool
    public let doc: String

    /// - Parameter name: with `?` at its end where it may be missing.
    init(_ name: String, _ type: String, _ doc: String) {
      isOptional = name.hasSuffix("?")
      self.name = isOptional ? String(name.dropLast()) : name
      self.type = type
      self.doc = doc
    }
  }

  public enum Kind: Sendable {
    /// A table of named arguments.
    case arguments
    /// A table that functions give.
    case table
    /// An object with methods.
    case object
    /// A global table of functions.
    case module
    /// Another word for a type.
    case alias(String)
    /// One of these texts, with what each means.
    case values([(String, String)])
  }

  /// `result`, `submit_options`, `outcome`
  public let name: String
  public let kind: Kind
  /// What it is, in a sentence.
  public let summary: String
  /// The shape whose fields it has besides its own.
  public let parent: String?
  public let fields: [Field]

  init(_ name: String, _ kind: Kind, parent: String? = nil, _ summary: String, _ fields: [Field] = []) {
    self.name = name
    self.kind = kind
    self.parent = parent
    self.summary = summary
    self.fields = fields
  }

  /// The names of its fields, in their order.
  public var names: [String] { fields.map(\.name).filter { !$0.hasPrefix("[") } }

  /// The same for messages: `taskId, jobs and target`.
  var inventory: String {
    names.count < 2
      ? names.joined() : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }
}
