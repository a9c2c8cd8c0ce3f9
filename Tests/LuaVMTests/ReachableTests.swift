import CLua
import CLuaShim
@testable import LuaVM
import Testing

@Suite("What a script of the operator profile can reach")
struct ReachableTests {
  /// Walks all that hangs together with the globals: fields, metatables (protected ones too) and the upvalues
  /// of functions, which scripts cannot even see.
  private struct Walk {
    let L: OpaquePointer
    var seen: Set<UnsafeRawPointer> = []
    var found: [String] = []

    /// Visits the value on top of the stack, and leaves it there.
    mutating func visit(_ path: String) {
      lua_checkstack(L, 8)
      let type = lua_type(L, -1)
      let name = String(cString: lua_typename(L, type))
      guard let identity = lua_topointer(L, -1), type != LUA_TSTRING else {
        found.append("\(path) \(name)")
        return
      }
      let isNew = seen.insert(identity).inserted
      found.append("\(path) \(name)\(isNew || type == LUA_TFUNCTION ? "" : " again")")
      guard isNew else { return }
      if lua_getmetatable(L, -1) != 0 {
        visit("\(path)<metatable>")
        lua_settop(L, -2)
      }
      switch type {
      case LUA_TTABLE:
        var names: [String] = []
        lua_pushnil(L)
        while lua_next(L, -2) != 0 {
          names.append(lua_type(L, -2) == LUA_TSTRING ? String(cString: lua_tolstring(L, -2, nil)) : "?")
          lua_settop(L, -2)
        }
        for name in names.sorted() {
          lua_pushstring(L, name)
          lua_rawget(L, -2)
          visit(path == "_G" ? name : "\(path).\(name)")
          lua_settop(L, -2)
        }
      case LUA_TFUNCTION:
        var index: Int32 = 1
        while let upvalue = lua_getupvalue(L, -1, index) {
          let type = lua_type(L, -1)
          if type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TUSERDATA || type == LUA_TTHREAD {
            visit("\(path)^\(String(cString: upvalue))")
          }
          lua_settop(L, -2)
          index += 1
        }
      default: break
      }
    }
  }

  @Test("is this list, and nothing else")
  func list() async throws {
    let vm = VM()
    try await vm.open()
    let found = await vm.with { core in
      lua_rawgeti(core.L, cvl_registry(), lua_Integer(LUA_RIDX_GLOBALS))
      var walk = Walk(L: core.L)
      walk.visit("_G")
      lua_settop(core.L, -2)
      return walk.found
    }
    #expect(found == Self.allowed.split(separator: "\n").map(String.init))
  }

  /// `^name` is an upvalue: a script can see none of these, but a function that has one can use it.
  private static let allowed = """
    _G table
    _G table again
    _VERSION string
    assert function
    collectgarbage function
    collectgarbage^collect table
    collectgarbage^collect.collect boolean
    collectgarbage^collect.count boolean
    collectgarbage^collect.isrunning boolean
    collectgarbage^collect.step boolean
    collectgarbage^raise function
    collectgarbage^results function
    collectgarbage^results^type function
    collectgarbage^results^raise function
    collectgarbage^results^gsub function
    collectgarbage^results^error function
    collectgarbage^pcall function
    collectgarbage^stock_collect function
    coroutine table
    coroutine.close function
    coroutine.create function
    coroutine.isyieldable function
    coroutine.resume function
    coroutine.running function
    coroutine.status function
    coroutine.wrap function
    coroutine.yield function
    debug table
    debug.traceback function
    error function
    getmetatable function
    io table
    io.read function
    io.read^reading function
    io.read^results function
    io.read^has_read function
    io.read^has_read^reading function
    io.read^pcall function
    io.read^stock_read function
    io.stderr table
    io.stderr.flush function
    io.stderr.flush^err table again
    io.stderr.write function
    io.stderr.write^check_texts function
    io.stderr.write^check_texts^select function
    io.stderr.write^check_texts^type function
    io.stderr.write^check_texts^raise function
    io.stderr.write^stock_stdout userdata
    io.stderr.write^stock_stdout<metatable> table
    io.stderr.write^stock_stdout<metatable>.__close function
    io.stderr.write^stock_stdout<metatable>.__gc function
    io.stderr.write^stock_stdout<metatable>.__index table
    io.stderr.write^stock_stdout<metatable>.__index.close function
    io.stderr.write^stock_stdout<metatable>.__index.flush function
    io.stderr.write^stock_stdout<metatable>.__index.lines function
    io.stderr.write^stock_stdout<metatable>.__index.read function
    io.stderr.write^stock_stdout<metatable>.__index.seek function
    io.stderr.write^stock_stdout<metatable>.__index.setvbuf function
    io.stderr.write^stock_stdout<metatable>.__index.write function
    io.stderr.write^stock_stdout<metatable>.__name string
    io.stderr.write^stock_stdout<metatable>.__tostring function
    io.stderr.write^stock_stderr userdata
    io.stderr.write^stock_stderr<metatable> table again
    io.stderr.write^err table again
    io.stdout table
    io.stdout.flush function
    io.stdout.flush^stock_stdout userdata again
    io.stdout.flush^out table again
    io.stdout.write function
    io.stdout.write^check_texts function
    io.stdout.write^stock_write function
    io.stdout.write^out table again
    io.write function
    io.write^check_texts function
    io.write^stock_write function
    io.write^out table again
    ipairs function
    load function
    load^type function
    load^pcall function
    load^read_pieces function
    load^read_pieces^concat function
    load^read_pieces^type function
    load^read_pieces^error function
    load^read_pieces^byte function
    load^unsound function
    load^results function
    load^stock_load function
    math table
    math.abs function
    math.acos function
    math.asin function
    math.atan function
    math.ceil function
    math.cos function
    math.deg function
    math.exp function
    math.floor function
    math.fmod function
    math.huge number
    math.log function
    math.max function
    math.maxinteger number
    math.min function
    math.mininteger number
    math.modf function
    math.pi number
    math.rad function
    math.random function
    math.random^results function
    math.random^pcall function
    math.random^stock_random function
    math.random^stock_random^ userdata
    math.random^bits function
    math.random^ult function
    math.randomseed function
    math.randomseed^type function
    math.randomseed^raise function
    math.randomseed^seed_random function
    math.sin function
    math.sqrt function
    math.tan function
    math.tointeger function
    math.type function
    math.ult function
    next function
    os table
    os.clock function
    os.date function
    os.date^results function
    os.date^pcall function
    os.date^stock_date function
    os.date^now function
    os.difftime function
    os.exit function
    os.time function
    os.time^now function
    os.time^results function
    os.time^pcall function
    os.time^stock_time function
    pairs function
    pcall function
    print function
    rawequal function
    rawget function
    rawlen function
    rawset function
    require function
    require^type function
    require^tostring function
    require^raise function
    require^this_branch function
    require^loaded table
    require^loaded._G table again
    require^loaded.coroutine table again
    require^loaded.debug table again
    require^loaded.io table again
    require^loaded.math table again
    require^loaded.os table again
    require^loaded.string table
    require^loaded.string.byte function
    require^loaded.string.char function
    require^loaded.string.find function
    require^loaded.string.format function
    require^loaded.string.gmatch function
    require^loaded.string.gsub function
    require^loaded.string.len function
    require^loaded.string.lower function
    require^loaded.string.match function
    require^loaded.string.pack function
    require^loaded.string.packsize function
    require^loaded.string.rep function
    require^loaded.string.reverse function
    require^loaded.string.sub function
    require^loaded.string.unpack function
    require^loaded.string.upper function
    require^loaded.table table
    require^loaded.table.concat function
    require^loaded.table.insert function
    require^loaded.table.move function
    require^loaded.table.pack function
    require^loaded.table.remove function
    require^loaded.table.sort function
    require^loaded.table.unpack function
    require^loaded.utf8 table
    require^loaded.utf8.char function
    require^loaded.utf8.charpattern string
    require^loaded.utf8.codepoint function
    require^loaded.utf8.codes function
    require^loaded.utf8.len function
    require^loaded.utf8.offset function
    require^loading table
    require^cycle function
    require^cycle^loading table again
    require^cycle^waits_for table
    require^cycle^newest table
    require^cycle^insert function
    require^cycle^concat function
    require^waits_for table again
    require^park function
    require^setmetatable function
    require^newest table again
    require^closer table
    require^closer.__close function
    require^closer.__close^done function
    require^closer.__close^done^loading table again
    require^closer.__close^done^newest table again
    require^closer.__close^done^unpark function
    require^closer.__close^told function
    require^closer.__close^told^type function
    require^closer.__close^told^getmetatable function
    require^closer.__close^told^remember_way function
    require^closer.__close^told^way_to function
    require^closer.__close^told^way_to^match function
    require^closer.__close^told^way_to^find function
    require^closer.__close^told^rawget function
    require^closer.__close^told^find function
    require^closer.__close^told^raise_again function
    require^closer.__name string
    require^place function
    require^find_loader function
    require^find_loader^searchers table
    require^find_loader^searchers.? nil
    require^find_loader^type function
    require^find_loader^raise function
    require^find_loader^rawget function
    require^find_loader^find function
    require^known table
    require^load_for function
    require^load_for^select function
    select function
    setmetatable function
    setmetatable^type function
    setmetatable^raise function
    setmetatable^rawget function
    setmetatable^concat_is_sound function
    setmetatable^unsound function
    setmetatable^getmetatable_of function
    setmetatable^stock_setmetatable function
    string table again
    table table again
    tonumber function
    tostring function
    type function
    utf8 table again
    warn function
    xpcall function
    """
}
