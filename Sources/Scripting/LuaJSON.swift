import CommandCenterAPI
import LuaVM

/// JSON to and from Lua values, by raw access: no metamethod runs.
enum LuaJSON {
  /// What a value cannot be written for: the place in it, and why.
  struct Refusal: Error {
    let path: String
    let why: String

    var sentence: String { path.isEmpty ? why : "\(path): \(why)" }
  }

  /// Marks a table as a list, so that an empty one is written `[]`.
  static let arrayName = "array"
  private static let deepest = 100
  /// The member that marks what a look-up found, where it is to be read back as that.
  private static let entityMark = "cvlua.entity"

  // MARK: writing

  /// Writes the value at `index`. Members of objects come in the order of their names.
  ///
  /// - Parameter marksEntities: what a look-up found is read back as that.
  static func write(
    _ stack: Stack, _ index: Int, marksEntities: Bool = false, to json: inout JSONWriter
  ) throws(Refusal) {
    var path: [UInt] = []
    try write(stack, stack.absolute(index), "", &path, marksEntities, to: &json)
  }

  /// Writes the members of the table at `index`, without braces; nothing for an empty table.
  static func members(
    _ stack: Stack, _ index: Int, _ name: String, except isLeftOut: (String) -> Bool
  ) throws(Refusal) -> [UInt8] {
    let index = stack.absolute(index)
    var path: [UInt] = [stack.identity(index)]
    var result: [UInt8] = []
    for key in try names(stack, index, name) where !isLeftOut(key) {
      var json = JSONWriter()
      stack.get(index, key)
      json.beginObject()
      json.key(key)
      try write(stack, stack.absolute(-1), join(name, key), &path, false, to: &json)
      json.endObject()
      stack.pop()
      if !result.isEmpty { result.append(UInt8(ascii: ",")) }
      result += json.bytes.dropFirst().dropLast()
    }
    return result
  }

  private static func write(
    _ stack: Stack, _ index: Int, _ place: String, _ path: inout [UInt], _ marksEntities: Bool,
    to json: inout JSONWriter
  ) throws(Refusal) {
    switch stack.type(index) {
    case .null: json.null()
    case .boolean: json.boolean(stack.boolean(index))
    case .number:
      if stack.isInteger(index) {
        json.integer(stack.integer(index) ?? 0)
      } else {
        do { try json.number(stack.number(index) ?? 0) } catch {
          throw Refusal(path: place, why: "\(stack.shown(index)) is no number that JSON has")
        }
      }
    case .string:
      do { try json.string(utf8: stack.bytes(index)!.bindMemory(to: UInt8.self)) } catch {
        throw Refusal(path: place, why: "the string is no UTF-8")
      }
    case .table: try writeTable(stack, index, place, &path, marksEntities, to: &json)
    default:
      guard stack.isNull(index) else {
        throw Refusal(path: place, why: "a \(stack.type(index).name) cannot be written as JSON")
      }
      json.null()
    }
  }

  private static func writeTable(
    _ stack: Stack, _ index: Int, _ place: String, _ path: inout [UInt], _ marksEntities: Bool,
    to json: inout JSONWriter
  ) throws(Refusal) {
    let identity = stack.identity(index)
    if path.contains(identity) { throw Refusal(path: place, why: "the table contains itself") }
    guard path.count < deepest, stack.ensure(8) else { throw Refusal(path: place, why: "nested too deep") }
    path.append(identity)
    defer { path.removeLast() }
    let length = stack.rawLength(index)
    if length > 0 || isArray(stack, index) {
      var count = 0
      try stack.forEach(index) { () throws(Refusal) in
        count += 1
        guard stack.isInteger(-2), let key = stack.integer(-2), key >= 1, key <= length else {
          throw Refusal(
            path: place,
            why: "a list has the key \(stack.quoted(-2)): it is neither a list without gaps nor an object")
        }
      }
      guard count == length else { throw Refusal(path: place, why: "the list has gaps") }
      json.beginArray()
      for position in stride(from: 1, through: length, by: 1) {
        stack.get(index, at: position)
        try write(stack, stack.absolute(-1), "\(place)[\(position)]", &path, marksEntities, to: &json)
        stack.pop()
      }
      json.endArray()
    } else {
      json.beginObject()
      if marksEntities, EntityTable.isOne(stack, index) { json.member(entityMark, true) }
      for name in try names(stack, index, place) {
        json.key(name)
        stack.get(index, name)
        try write(stack, stack.absolute(-1), join(place, name), &path, marksEntities, to: &json)
        stack.pop()
      }
      json.endObject()
    }
  }

  /// The names of an object's members, sorted.
  private static func names(_ stack: Stack, _ index: Int, _ place: String) throws(Refusal) -> [String] {
    var names: [String] = []
    try stack.forEach(index) { () throws(Refusal) in
      guard stack.type(-2) == .string, let bytes = stack.bytes(-2), let name = stack.string(-2),
        name.utf8.count == bytes.count
      else {
        throw Refusal(
          path: place, why: "the key \(stack.quoted(-2)) is no name: a list has gaps, or mixes with names")
      }
      names.append(name)
    }
    return names.sorted()
  }

  private static func join(_ place: String, _ name: String) -> String {
    place.isEmpty ? name : "\(place).\(name)"
  }

  /// A list, as `json.array` and `json.decode` make them, or a table without a metatable.
  static func isPlain(_ stack: Stack, _ index: Int) -> Bool {
    guard stack.type(index) == .table else { return false }
    guard stack.pushMetatable(index) else { return true }
    stack.pop()
    return isArray(stack, index)
  }

  static func isArray(_ stack: Stack, _ index: Int) -> Bool {
    guard stack.pushMetatable(index) else { return false }
    defer { stack.pop(2) }
    return stack.get(-1, "__name") == .string && stack.string(-1) == arrayName
  }

  // MARK: reading

  /// Pushes the value that `bytes` hold.
  ///
  /// - Parameter knowsEntities: what was marked as found by a look-up is that again.
  static func push(
    _ stack: Stack, _ bytes: UnsafeBufferPointer<UInt8>, knowsEntities: Bool = false
  ) throws(JSONError) {
    let level = stack.top
    do throws(JSONError) {
      var reader = JSONReader(bytes)
      try push(stack, &reader, knowsEntities)
      try reader.finish()
    } catch {
      stack.pop(stack.top - level)
      throw error
    }
  }

  private static func push(
    _ stack: Stack, _ reader: inout JSONReader, _ knowsEntities: Bool
  ) throws(JSONError) {
    guard stack.ensure(6) else { throw JSONError(.tooDeep, at: reader.offset) }
    switch try reader.peek() {
    case .null:
      try reader.null()
      stack.pushNull()
    case .boolean: stack.push(try reader.boolean())
    case .number:
      switch try reader.number() {
      case .integer(let integer): stack.push(integer)
      case .number(let number): stack.push(number)
      }
    case .string: stack.push(bytes: UnsafeRawBufferPointer(try reader.utf8()))
    case .array:
      let session = Session.of(stack)
      stack.pushTable()
      stack.push(session.arrayMetatable)
      stack.setMetatable(of: -2)
      try reader.beginArray()
      var index = 0
      while try reader.nextElement() {
        index += 1
        try push(stack, &reader, knowsEntities)
        stack.set(-2, at: index)
      }
    case .object:
      stack.pushTable()
      try reader.beginObject()
      while let key = try reader.nextKey() {
        let name = key.string
        try push(stack, &reader, knowsEntities)
        if knowsEntities, name == entityMark, stack.type(-1) == .boolean {
          stack.pop()
          stack.push(Session.of(stack).entityMetatable)
          stack.setMetatable(of: -2)
        } else {
          stack.set(-2, name)
        }
      }
    }
  }
}
