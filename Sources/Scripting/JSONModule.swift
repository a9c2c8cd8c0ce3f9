import CommandCenterAPI
import LuaVM

/// `json`: text to tables and back.
enum JSONModule {
  static let shapes = [APIShape("json", .module, "Text to tables and back.")]

  static var entries: [APIEntry] {
    [
      APIEntry(
        "json.null", ": lightuserdata",
        "What stands for a null of JSON in a table, where nil would be a gap.",
        example: "assert(json.encode{ json.null } == '[null]')"),
      APIEntry(
        "json.encode", "(value: any): text: string",
        """
        The value as JSON, members in the order of their names. An empty table is {}, json.array{} is []. \
        Functions, cycles, NaN and lists with gaps are refused, with their place.
        """,
        example: "assert(json.encode{ a = 1, b = json.array{} } == '{\"a\":1,\"b\":[]}')"
      ) { call throws(LuaFailure) in
        if call.type(1) == .none { throw .argument("json.encode takes a value, not nothing") }
        var json = JSONWriter()
        do throws(LuaJSON.Refusal) { try LuaJSON.write(call, 1, to: &json) } catch {
          throw .argument("json.encode: \(error.sentence)")
        }
        json.withBytes { call.push(bytes: UnsafeRawBufferPointer($0)) }
        return .values(1)
      },
      APIEntry(
        "json.decode", "(text: string): value: any",
        "The value of a JSON text. Integers stay exact to 2^63, null is json.null.",
        example: "assert(json.decode('[1,null]')[2] == json.null)"
      ) { call throws(LuaFailure) in
        guard let bytes = call.bytes(1) else {
          throw .argument("json.decode takes a string, not \(call.quoted(1))")
        }
        do { try LuaJSON.push(call, bytes.bindMemory(to: UInt8.self)) } catch {
          throw LuaFailure("json", "json.decode: \(error)")
        }
        return .values(1)
      },
      APIEntry(
        "json.array", "(list?: T): list: T",
        "Marks a table as a list, so that an empty one is written [].",
        example: "assert(json.encode(json.array{}) == '[]')"
      ) { call throws(LuaFailure) in
        if call.isNothing(1) {
          call.pushTable()
        } else {
          try call.requireTable(1, "json.array: its argument")
          call.copy(1)
        }
        call.push(Session.of(call).arrayMetatable)
        call.setMetatable(of: -2)
        return .values(1)
      },
    ]
  }

  /// `json.null`: the null pointer, as lua-cjson has it.
  static func addNull(_ session: Session) {
    let stack = session.core.stack
    stack.pushGlobal("json")
    stack.pushNull()
    stack.set(-2, "null")
    stack.pop()
  }

  static func makeArrayMetatable(_ core: Core) -> LuaReference {
    let stack = core.stack
    stack.pushTable(fields: 2)
    stack.push(LuaJSON.arrayName)
    stack.set(-2, "__name")
    stack.push(LuaJSON.arrayName)
    stack.set(-2, "__metatable")
    return stack.popReference()
  }
}
