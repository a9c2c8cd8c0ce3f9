internal import CLua
internal import CLuaShim
internal import Glibc

/// What scripts of the operator profile may reach of stock Lua: all that is not named here is not there.
/// What the prelude replaces (load, setmetatable, require, collectgarbage, os, io) stands there.
enum AllowList {
  static let globals = [
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget",
    "rawlen", "rawset", "select", "tonumber", "tostring", "type", "warn", "xpcall", "_VERSION",
  ]

  static let libraries: [(name: String, opener: lua_CFunction, members: [String])] = [
    // No dump: bytecode has no use here.
    (
      "string", luaopen_string,
      [
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize",
        "rep",
        "reverse", "sub", "unpack", "upper",
      ]
    ),
    ("table", luaopen_table, ["concat", "insert", "move", "pack", "remove", "sort", "unpack"]),
    (
      "math", luaopen_math,
      [
        "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
        "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan",
        "tointeger", "type", "ult",
      ]
    ),
    ("utf8", luaopen_utf8, ["char", "charpattern", "codepoint", "codes", "len", "offset"]),
    // It gives text only; the rest of debug reaches into the host.
    ("debug", luaopen_debug, ["traceback"]),
  ]
}

extension Core {
  func openLibraries(_ options: VM.Options) throws(LuaFailure) {
    open("_G", luaopen_base, isGlobal: false)
    rawGet(L, -1, "pcall")
    host.pointee.pcall = lua_tocfunction(L, -1)
    rawGet(L, -2, "xpcall")
    host.pointee.xpcall = lua_tocfunction(L, -1)
    cvl_pop(L, 3)
    switch options.profile {
    case .operator: openOperatorLibraries()
    case .trusted: openStockLibraries()
    }
    if let seed = options.randomSeed {
      seedRandom(seed)
      chance.state = UInt64(bitPattern: seed)
    }
    try runPrelude(options)
  }

  /// All of stock Lua, with the propagating coroutine library in place of the stock one.
  private func openStockLibraries() {
    let libraries: [(String, lua_CFunction)] = [
      ("_G", luaopen_base), ("package", luaopen_package), ("coroutine", cvl_open_coroutine),
      ("table", luaopen_table), ("io", luaopen_io), ("os", luaopen_os), ("string", luaopen_string),
      ("math", luaopen_math), ("utf8", luaopen_utf8), ("debug", luaopen_debug),
    ]
    for (name, opener) in libraries { open(name, opener, isGlobal: true) }
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    rawGet(L, -1, "os")
    let exit = registerExit(isTrusted: true)
    cvl_push_function(L, exit.index, 0)
    rawSet(L, -2, "exit")
    cvl_pop(L, 2)
  }

  /// A globals table that holds what the allow-list names, and a table `stock` for the prelude.
  private func openOperatorLibraries() {
    open("_G", luaopen_base, isGlobal: false)
    let base = lua_gettop(L)
    lua_createtable(L, 0, 64)
    let globals = lua_gettop(L)
    for name in AllowList.globals { copy(name, from: base, to: globals) }
    lua_pushvalue(L, globals)
    rawSet(L, globals, "_G")
    for (name, opener, members) in AllowList.libraries {
      open(name, opener, isGlobal: false)
      let library = lua_gettop(L)
      lua_createtable(L, 0, Int32(members.count))
      for member in members { copy(member, from: library, to: library + 1) }
      rawSet(L, globals, name)
      lua_settop(L, library - 1)
    }
    open("coroutine", cvl_open_coroutine, isGlobal: false)
    rawSet(L, globals, "coroutine")
    // Strings find their methods by the metatable that they share: it gets the allow-listed ones.
    push("", on: L)
    if lua_getmetatable(L, -1) != 0 {
      rawGet(L, globals, "string")
      rawSet(L, -2, "__index")
      push("string", on: L)
      rawSet(L, -2, "__metatable")
      cvl_pop(L, 1)
    }
    cvl_pop(L, 1)
    lua_createtable(L, 0, 8)
    let stock = lua_gettop(L)
    for name in ["load", "setmetatable", "collectgarbage"] { copy(name, from: base, to: stock) }
    open("debug", luaopen_debug, isGlobal: false)
    rawGet(L, -1, "getmetatable")
    rawSet(L, stock, "getmetatable_of")
    cvl_pop(L, 1)
    open("os", luaopen_os, isGlobal: false)
    rawSet(L, stock, "os")
    open("io", luaopen_io, isGlobal: false)
    rawSet(L, stock, "io")
    stockLibraries = reference(poppedFrom: L)
    // The registry's globals are those that `load` gives a chunk: from here on the safe ones.
    lua_pushvalue(L, globals)
    lua_rawseti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    lua_settop(L, base - 1)
  }

  private func open(_ name: String, _ opener: lua_CFunction, isGlobal: Bool) {
    precondition(cvl_open_library(L, name, opener, isGlobal) == LUA_OK, "a stock library did not open")
    if isGlobal { cvl_pop(L, 1) }
  }

  private func copy(_ name: String, from source: Int32, to target: Int32) {
    rawGet(L, source, name)
    rawSet(L, target, name)
  }

  private func seedRandom(_ seed: Int64) {
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    rawGet(L, -1, "math")
    rawGet(L, -1, "randomseed")
    lua_pushinteger(L, lua_Integer(seed))
    cvl_pcall(L, 1, 0)
    cvl_pop(L, 2)
  }

  // MARK: the prelude

  private func runPrelude(_ options: VM.Options) throws(LuaFailure) {
    var length = 0
    let text = cvl_prelude(&length)
    guard luaL_loadbufferx(L, text, length, "=[cvlua]", "t") == LUA_OK else {
      throw failure(at: -1, on: L)
    }
    lua_createtable(L, 0, 12)
    let table = lua_gettop(L)
    lua_rawgeti(L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    rawSet(L, table, "globals")
    if let stockLibraries {
      push(stockLibraries, on: L)
      rawSet(L, table, "stock")
    }
    for (name, function) in preludeFunctions(options) {
      cvl_push_function(L, function.index, 0)
      rawSet(L, table, name)
    }
    lua_pushboolean(L, options.profile == .trusted ? 1 : 0)
    guard cvl_pcall(L, 2, 0) == LUA_OK else { throw failure(at: -1, on: L) }
    stockLibraries = nil
  }

  private func preludeFunctions(_ options: VM.Options) -> [(String, HostFunctionNumber)] {
    let now = options.now
    let reading = options.reading
    let isTrusted = options.profile == .trusted
    return [
      (
        "find",
        register("require") { call throws(LuaFailure) in
          try call.core.findModule(call, options)
        }
      ),
      (
        "raise",
        register("raise") { call throws(LuaFailure) in
          // In the trusted profile as stock Lua: no place where C called, as in pcall(require, name).
          let place = isTrusted ? call.core.callerPlace(of: call.L) ?? "" : call.place
          throw LuaFailure(LuaFailure.plain, call.string(1) ?? "", place: place)
        }
      ),
      (
        "raise_again",
        register("require") { call throws(LuaFailure) in
          cvl_raises_again(call.L)
          return .raise
        }
      ),
      (
        "remember_way",
        register("require") { call throws(LuaFailure) in
          let core = call.core
          if let last = core.raisedByModule {
            call.push(last.value)
            // On its way through the outer modules.
            if call.isSame(-1, 1) { return .none }
          }
          core.raisedByModule = (call.reference(1), call.string(2) ?? "")
          return .none
        }
      ),
      (
        "place",
        register("require") { call throws(LuaFailure) in
          call.push(call.place)
          return .values(1)
        }
      ),
      (
        "this_branch",
        register("this_branch") { call throws(LuaFailure) in
          call.push(Int64(call.core.running?.id ?? 0))
          return .values(1)
        }
      ),
      (
        "park",
        register("require") { call throws(LuaFailure) in
          let (ticket, reply) = try call.core.suspend(call, isExternal: false)
          call.core.parked[ticket.branch] = ticket
          return reply
        }
      ),
      (
        "unpark",
        register("unpark") { call throws(LuaFailure) in
          if let branch = call.integer(1), let ticket = call.core.parked.removeValue(forKey: Int(branch)) {
            call.core.resume(ticket, .values { _ in 0 })
          }
          return .none
        }
      ),
      (
        "now",
        register("os.time") { call throws(LuaFailure) in
          let core = call.core
          let lag = core.running.flatMap { core.lag?($0) } ?? 0
          call.push((now?() ?? Int64(time(nil))) - lag)
          return .values(1)
        }
      ),
      (
        "random_bits",
        register("math.random") { call throws(LuaFailure) in
          call.push(Int64(bitPattern: call.core.draw(for: call.core.running)))
          return .values(1)
        }
      ),
      (
        "seed_random",
        register("math.randomseed") { call throws(LuaFailure) in
          let seed = call.integer(1).map { UInt64(bitPattern: $0) } ?? .random(in: .min ... .max)
          call.core.seed(call.core.running, seed)
          return .none
        }
      ),
      (
        "concat_is_sound",
        register("setmetatable") { call throws(LuaFailure) in
          call.push(LuaLibrary.concatIsSound)
          return .values(1)
        }
      ),
      (
        "unsound",
        register("load") { call throws(LuaFailure) in
          let refused = call.bytes(1).flatMap { Self.lineOfConcat(in: $0) }
          call.push(refused == nil ? nil : Self.concatIsRefused)
          return .values(1)
        }
      ),
      (
        "reading",
        register("io.read") { call throws(LuaFailure) in
          reading?(call.boolean(1))
          return .none
        }
      ),
      ("exit", registerExit(isTrusted: false)),
    ]
  }

  /// `os.exit([code [, close]])`: true and nothing are 0, false is 1. No pcall catches it. Clean-up runs; in the
  /// trusted profile only where `close` is true, as in stock Lua.
  private func registerExit(isTrusted: Bool) -> HostFunctionNumber {
    register("os.exit") { call throws(LuaFailure) in
      let code: Int32
      switch call.type(1) {
      case .none, .null: code = 0
      case .boolean: code = call.boolean(1) ? 0 : 1
      default:
        guard let number = call.integer(1) else {
          throw .argument("os.exit takes a number or a boolean, not a \(call.type(1).name)")
        }
        code = Int32(truncatingIfNeeded: number) & 0xFF
      }
      // In a finalizer while the state closes nothing is left to unwind: leave as stock Lua does.
      if call.core.isClosed, isTrusted { Glibc.exit(code) }
      let closes = !isTrusted || call.boolean(2)
      call.core.isLeft = !closes
      call.core.exit(code, closes: closes)
      throw LuaFailure("exit", "os.exit")
    }
  }
}
