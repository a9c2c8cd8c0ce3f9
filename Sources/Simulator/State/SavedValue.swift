import Clock
import CommandCenterAPI

/// A record's JSON, read member by member.
///
/// Nothing is repaired: what is not as it was written makes the whole state unusable.
struct SavedValue {
  private let json: JSONValue
  /// What it is of, for the error.
  private let name: String

  init(_ record: StateRecord) throws(StateError) {
    name = "\(record.kind) \(record.key)"
    guard let json = try? JSONValue(parsing: record.json ?? []) else { throw Self.damaged(name) }
    self.json = json
  }

  private init(_ json: JSONValue, _ name: String) {
    self.json = json
    self.name = name
  }

  static func damaged(_ name: String) -> StateError {
    StateError("the simulator's state is damaged: its record \"\(name)\" makes no sense")
  }

  var damage: StateError { Self.damaged(name) }

  func text(_ member: String) throws(StateError) -> String {
    guard let text = json[member]?.string else { throw damage }
    return text
  }

  func integer(_ member: String) throws(StateError) -> Int64 {
    guard case .integer(let number) = json[member] else { throw damage }
    return number
  }

  /// An index of something that is there already.
  func index(_ member: String, below count: Int) throws(StateError) -> Int {
    let number = try integer(member)
    guard number >= 0, number < count else { throw damage }
    return Int(number)
  }

  func moment(_ member: String) throws(StateError) -> Moment { Moment(nanoseconds: try integer(member)) }

  func number(_ member: String) throws(StateError) -> Double {
    switch json[member] {
    case .integer(let number): return Double(number)
    case .number(let number): return number
    default: throw damage
    }
  }

  func boolean(_ member: String) throws(StateError) -> Bool {
    guard let value = json[member]?.bool else { throw damage }
    return value
  }

  func list(_ member: String) throws(StateError) -> [SavedValue] {
    guard let items = json[member]?.array else { throw damage }
    return items.map { SavedValue($0, name) }
  }

  /// Nil where there is no such member.
  func optional(_ member: String) -> SavedValue? { json[member].map { SavedValue($0, name) } }

  func has(_ member: String) -> Bool { json[member] != nil }
}

extension StateRecord {
  /// A record of a JSON object, whose members `write` writes.
  init(_ kind: String, _ key: String, _ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter()
    writer.beginObject()
    write(&writer)
    writer.endObject()
    self.init(kind: kind, key: key, json: writer.bytes)
  }

  static func gone(_ kind: String, _ key: String) -> StateRecord {
    StateRecord(kind: kind, key: key, json: nil)
  }
}
