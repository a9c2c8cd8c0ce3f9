/// One field of a workload's payload: what it is called, where it stands, what it takes.
public struct Field: Hashable, Sendable {
  /// What goes over the wire, as the page types it.
  public enum WireType: String, CaseIterable, Hashable, Sendable {
    case integer
    case string
    case boolean
    /// A JSON object, sent as it is given.
    case object
    /// Any JSON value, sent as it is given.
    case json
  }

  public var name: String
  /// The name of the container that the field stands in.
  public var container: String
  public var type: WireType
  public var isRequired = false
  /// What is sent where a script gives nothing. A name or a number, as the wire wants it.
  public var defaultValue: JSONValue?
  /// The values that have names. A script writes the name or the number, whichever the wire wants.
  public var allowed: [NamedValue] = []
  /// Whether no other values than the allowed ones are taken. Means nothing without any.
  public var isClosed = true
  /// What an integer may be.
  public var range: ClosedRange<Int64> = 0...Int64.max
  /// What it is, in a phrase without a capital or a full stop: `the id of the table group`.
  public var doc: String
  /// Where its rules come from, where that is not the workload's own page.
  public var source: String?
  /// Of an id, the field that names the same thing: where the id is required, a script may give the name
  /// instead, and the id is looked up before the submit.
  public var nameField: String?
  /// False for what a script may give and the page does not list: names that ids are looked up by.
  public var isSent = true

  public init(_ name: String, _ type: WireType, in container: String, doc: String) {
    self.name = name
    self.type = type
    self.container = container
    self.doc = doc
  }
}

/// A field is written down once and fitted to each page by these.
extension Field {
  /// Required, and an integer at least 1: 0 names no target.
  public func required(_ doc: String? = nil) -> Field {
    var field = self
    field.isRequired = true
    if field.range.lowerBound == 0 && allowed.isEmpty { field.range = 1...range.upperBound }
    if let doc { field.doc = doc }
    return field
  }

  /// With another phrase to tell what it is.
  public func documented(_ doc: String) -> Field {
    var field = self
    field.doc = doc
    return field
  }

  /// With a value for where a script gives none.
  public func defaulting(to value: JSONValue) -> Field {
    var field = self
    field.defaultValue = value
    return field
  }

  /// With this value for where a script gives none: its number or its name, as the wire wants it.
  public func defaulting(to value: some NamedValues) -> Field {
    defaulting(to: type == .integer ? value.number.map { .integer($0) } ?? .null : .string(value.name))
  }

  /// With nothing but this value allowed, which is filled in.
  public func fixed(to value: some NamedValues) -> Field {
    oneOf([value.value]).defaulting(to: value)
  }

  /// With names for its values, and only those values.
  public func oneOf(_ values: [NamedValue]) -> Field {
    var field = self
    field.allowed = values
    field.isClosed = true
    return field
  }

  /// With names for some of its values, any other being taken too.
  public func knowing(_ values: [NamedValue]) -> Field {
    var field = self
    field.allowed = values
    field.isClosed = false
    return field
  }

  /// As an integer of this range.
  public func within(_ range: ClosedRange<Int64>) -> Field {
    var field = self
    field.range = range
    return field
  }

  /// With another field that names the same thing.
  func found(by nameField: String) -> Field {
    var field = self
    field.nameField = nameField
    return field
  }

  /// For finding ids only.
  func notSent() -> Field {
    var field = self
    field.isSent = false
    return field
  }

  /// With the place that its rules come from, where that is not the workload's own page.
  public func from(_ source: String) -> Field {
    var field = self
    field.source = source
    return field
  }
}
