/// A JSON value as a tree, for where a tree is handy. Members keep their order.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One member of an object.
  public struct Member: Hashable, Sendable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// Reads a whole text.
  ///
  /// - Throws: what is wrong with it, and where.
  public init(parsing bytes: [UInt8], maxDepth: Int = 128) throws(JSONError) {
    self = try JSONReader.read(bytes, maxDepth: maxDepth) { (reader) throws(JSONError) in
      try JSONValue(from: &reader)
    }
  }

  /// Reads a whole text.
  ///
  /// - Throws: what is wrong with it, and where.
  public init(parsing text: String, maxDepth: Int = 128) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), maxDepth: maxDepth)
  }

  /// Reads the next value of `reader`.
  public init(from reader: inout JSONReader) throws(JSONError) {
    switch try reader.peek() {
    case .null:
      try reader.null()
      self = .null
    case .boolean: self = .bool(try reader.boolean())
    case .number:
      switch try reader.number() {
      case .integer(let value): self = .integer(value)
      case .number(let value): self = .number(value)
      }
    case .string: self = .string(try reader.string())
    case .array:
      var values: [JSONValue] = []
      try reader.beginArray()
      while try reader.nextElement() { values.append(try JSONValue(from: &reader)) }
      self = .array(values)
    case .object:
      var members: [Member] = []
      try reader.beginObject()
      while let key = try reader.nextKey() {
        let name = key.string
        members.append(Member(name, try JSONValue(from: &reader)))
      }
      self = .object(members)
    }
  }

  /// Writes the value.
  ///
  /// - Throws: `.notFinite` for a number that JSON has no words for.
  public func write(to json: inout JSONWriter) throws(JSONWriteError) {
    switch self {
    case .null: json.null()
    case .bool(let value): json.boolean(value)
    case .integer(let value): json.integer(value)
    case .number(let value): try json.number(value)
    case .string(let value): json.string(value)
    case .array(let values):
      json.beginArray()
      for value in values { try value.write(to: &json) }
      json.endArray()
    case .object(let members):
      json.beginObject()
      for member in members {
        json.key(member.name)
        try member.value.write(to: &json)
      }
      json.endObject()
    }
  }

  /// The value as JSON text in UTF-8.
  ///
  /// - Throws: `.notFinite` for a number that JSON has no words for.
  public func encoded() throws(JSONWriteError) -> [UInt8] {
    var json = JSONWriter()
    try write(to: &json)
    return json.bytes
  }

  /// The member of this name, the last one where there are several; nil where there is none or this is no
  /// object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// The element at `index`; nil where there is none or this is no array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let values) = self, values.indices.contains(index) else { return nil }
    return values[index]
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral values: JSONValue...) { self = .array(values) }
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { Member($0.0, $0.1) })
  }
}

/// What a value holds where it is of that kind, or spells it; nil where not.
extension JSONValue {
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// An integer, an integral number, or a string that holds an integer.
  public var int64: Int64? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int64(exactly: value)
    case .string(let value): Int64(value)
    default: nil
    }
  }

  public var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  public var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }
}
