internal import CLua
internal import CLuaShim

/// Error objects: a ``LuaFailure`` as a Lua table, and back.
extension Core {
  /// Builds the metatable of error objects; once per machine.
  func openErrors() {
    lua_createtable(L, 0, 4)
    let toString = register("tostring of an error") { call throws(LuaFailure) in
      call.push(call.core.failure(at: 1, on: call.L).sentence)
      return .values(1)
    }
    cvl_push_function(L, toString.index, 0)
    rawSet(L, -2, "__tostring")
    push("error", on: L)
    rawSet(L, -2, "__name")
    push("error", on: L)
    rawSet(L, -2, "__metatable")
    errorMetatable = reference(poppedFrom: L)
  }

  /// Pushes `failure` as an error object.
  func push(_ failure: LuaFailure, on L: OpaquePointer) {
    lua_checkstack(L, 6)
    lua_createtable(L, 0, 6)
    func set(_ name: String, _ value: String?) {
      guard let value else { return }
      push(value, on: L)
      rawSet(L, -2, name)
    }
    set("kind", failure.kind)
    set("message", failure.message)
    set("where", failure.place)
    set("field", failure.field)
    set("traceback", failure.traceback)
    if let code = failure.code {
      lua_pushinteger(L, lua_Integer(code))
      rawSet(L, -2, "code")
    }
    if !failure.details.isEmpty {
      lua_createtable(L, Int32(failure.details.count), 0)
      for (index, detail) in failure.details.enumerated() {
        push(detail, on: L)
        lua_rawseti(L, -2, lua_Integer(index + 1))
      }
      rawSet(L, -2, "mistakes")
    }
    if let errorMetatable {
      push(errorMetatable, on: L)
      lua_setmetatable(L, -2)
    }
  }

  /// Reads any error value: an error object, a string with its place in front, or whatever a script threw.
  func failure(at index: Int32, on L: OpaquePointer) -> LuaFailure {
    let index = lua_absindex(L, index)
    lua_checkstack(L, 6)
    if isErrorObject(at: index, on: L) {
      // Raw: a script may put anything there, the object itself too.
      func text(_ name: String) -> String? {
        rawGet(L, index, name)
        defer { cvl_pop(L, 1) }
        switch lua_type(L, -1) {
        case LUA_TNIL: return nil
        case LUA_TSTRING: return string(L, -1)
        case LUA_TNUMBER, LUA_TBOOLEAN: return shown(L, -1)
        default: return "(a \(String(cString: lua_typename(L, lua_type(L, -1)))))"
        }
      }
      rawGet(L, index, "code")
      let code = lua_isinteger(L, -1) != 0 ? Int64(lua_tointegerx(L, -1, nil)) : nil
      cvl_pop(L, 1)
      return LuaFailure(
        text("kind") ?? "runtime", text("message") ?? "", place: text("where"), code: code,
        field: text("field"), traceback: text("traceback"))
    }
    switch lua_type(L, index) {
    case LUA_TSTRING, LUA_TNUMBER:
      let (place, message) = Self.split(shown(L, index))
      return LuaFailure("runtime", message, place: place)
    default:
      // As lua.c words it, for a value with __tostring its text.
      if luaL_getmetafield(L, index, "__tostring") != LUA_TNIL {
        cvl_pop(L, 1)
        return LuaFailure("runtime", shown(L, index) + wayToModule(of: index, on: L))
      }
      let type = String(cString: lua_typename(L, lua_type(L, index)))
      return LuaFailure("runtime", "(error object is a \(type) value)" + wayToModule(of: index, on: L))
    }
  }

  /// How the script came to the module that raised the value, as the prelude adds it to texts.
  private func wayToModule(of index: Int32, on L: OpaquePointer) -> String {
    guard let raised = raisedByModule else { return "" }
    lua_checkstack(L, 2)
    push(raised.value, on: L)
    defer { cvl_pop(L, 1) }
    return lua_rawequal(L, index, -1) != 0 ? raised.way : ""
  }

  func isErrorObject(at index: Int32, on L: OpaquePointer) -> Bool {
    guard let errorMetatable, lua_type(L, index) == LUA_TTABLE, lua_getmetatable(L, index) != 0 else {
      return false
    }
    push(errorMetatable, on: L)
    defer { cvl_pop(L, 2) }
    return lua_rawequal(L, -1, -2) != 0
  }

  /// Takes `file:line: ` off the front of a message of Lua's own.
  static func split(_ text: String) -> (place: String?, message: String) {
    // The first ": " after digits that follow a colon.
    var search = text.startIndex
    while let colon = text[search...].firstIndex(of: ":") {
      let afterColon = text.index(after: colon)
      let digits = text[afterColon...].prefix { $0.isASCII && $0.isNumber }
      let rest = text[digits.endIndex...]
      if !digits.isEmpty, rest.hasPrefix(": ") {
        return (String(text[..<digits.endIndex]), String(rest.dropFirst(2)))
      }
      if text[..<colon].contains("\n") { break }
      search = afterColon
    }
    return (nil, text)
  }
}
