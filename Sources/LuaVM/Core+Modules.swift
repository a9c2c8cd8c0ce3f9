internal import CLua
internal import CLuaShim

/// What `require` finds, and the globals of libraries.
extension Core {
  /// Keeps what is in the globals: a library begins with it, whatever the script adds or takes away later.
  func keepGlobals() {
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    pushCopy(of: -1)
    firstGlobals = reference(poppedFrom: L)
    cvl_pop(L, 1)
  }

  /// Pushes a new table with the same members.
  private func pushCopy(of index: Int32) {
    let source = lua_absindex(L, index)
    lua_checkstack(L, 6)
    lua_createtable(L, 0, 48)
    lua_pushnil(L)
    // lua_next raises only for a key that is not in the table; ours comes from it, and nobody changes it.
    while lua_next(L, source) != 0 {
      lua_pushvalue(L, -2)
      lua_rotate(L, -2, 1)
      lua_rawset(L, -4)
    }
  }

  /// The prelude's searcher: pushes the module's function, its path and, for a module of a library, the library's
  /// globals; or where it was looked for.
  func findModule(_ call: Stack, _ options: VM.Options) throws(LuaFailure) -> Reply {
    guard let name = call.string(1) else { return .none }
    let isTrusted = options.profile == .trusted
    switch options.findModule?(name) ?? .notFound("") {
    case .notFound(let tried):
      // The trusted profile's messages are the stock ones.
      if tried.isEmpty || isTrusted { return .none }
      call.push(tried)
      return .values(1)
    case .found(let bytes, let path, let library):
      if bytes.first == 0x1B { throw LuaFailure("syntax", "\(path) is Lua bytecode; modules are text") }
      let library = isTrusted ? nil : library
      if let library, libraryGlobals[library] == nil { try open(library, call, options) }
      if let failure = load(bytes, name: "@" + path, mode: "t") { throw failure }
      lua_xmove(L, call.L, 1)
      call.push(path)
      guard let globals = library.flatMap({ libraryGlobals[$0] }) else { return .values(2) }
      push(globals, on: call.L)
      lua_pushvalue(call.L, -1)
      // A chunk's first upvalue is _ENV.
      lua_setupvalue(call.L, -4, 1)
      return .values(3)
    }
  }

  private func open(_ library: String, _ call: Stack, _ options: VM.Options) throws(LuaFailure) {
    try options.openLibrary?(call, library)
    guard let firstGlobals else { return }
    push(firstGlobals, on: L)
    pushCopy(of: -1)
    lua_pushvalue(L, -1)
    rawSet(L, -2, "_G")
    libraryGlobals[library] = reference(poppedFrom: L)
    cvl_pop(L, 1)
  }

  /// Runs a text that describes something, without any globals, and pushes the one value that it returns.
  public func pushDescription(_ text: [UInt8], name: String) throws(LuaFailure) {
    if let failure = load(text, name: "@" + name, mode: "t") { throw failure }
    lua_createtable(L, 0, 0)
    lua_setupvalue(L, -2, 1)
    guard cvl_pcall(L, 0, 1) == LUA_OK else {
      let failure = failure(at: -1, on: L)
      cvl_pop(L, 1)
      throw failure
    }
  }
}
