import LuaVM
import Testing

@Suite("A script of the operator profile", .serialized, .timeLimit(.minutes(20)))
struct SandboxTests {
  @Test(
    "cannot load bytecode, nor make any",
    arguments: [
      ("return tostring(string.dump)", "nil"),
      ("return select(2, load('\\27Lua'))", "attempt to load a binary chunk (mode is 't')"),
      ("return select(2, load('\\27Lua', 'x', 'b'))", "attempt to load a binary chunk (mode is 't')"),
      (
        "return select(2, load(function() return '\\27Lua' end, 'x', 'bt', {}))",
        "attempt to load a binary chunk (mode is 't')"
      ),
      (
        "local n = 0 return select(2, load(function() n = n + 1 return ({'\\27', 'Lua'})[n] end))",
        "attempt to load a binary chunk (mode is 't')"
      ),
      ("return tostring(('').dump)", "nil"),
    ])
  func bytecode(_ script: String, _ expected: String) async throws {
    #expect(try await Machine().value(script).hasPrefix(expected))
  }

  @Test(
    "finds only safe globals, by whatever way it loads",
    arguments: [
      "return tostring(load('return io.open')())",
      "return tostring(load('return package', 'x', 't')())",
      "return tostring(load('return os.execute', 'x', 't', nil) == nil or nil)",
      "return tostring(load('return _ENV.dofile')())",
      "local _ENV <const> = {load = load, tostring = tostring} return tostring(load('return loadfile')())",
      "return tostring(_G._G.dofile)", "return tostring(getmetatable(_G))",
      "return tostring(require '_G'.loadfile)",
      "return tostring(require 'os'.execute)", "return tostring(require 'io'.open)",
      "return tostring(require 'debug'.getregistry)",
      "return tostring(coroutine.wrap(function() return load('return debug.sethook')() end)())",
    ])
  func globals(_ script: String) async throws {
    #expect(try await Machine().value(script) == "nil")
  }

  @Test(
    "has none of what reaches the shell, files, the environment or the host",
    arguments: [
      "dofile", "loadfile", "package", "arg", "os.execute", "os.getenv", "os.remove", "os.rename",
      "os.setlocale", "os.tmpname",
      "io.open", "io.popen", "io.lines", "io.input", "io.output", "io.tmpfile", "io.close", "io.type",
      "io.stdin", "io.stdout.close",
      "io.stdout.seek", "io.stdout.setvbuf", "io.stdout.lines", "io.stdout.read", "debug.getinfo",
      "debug.getupvalue", "debug.setupvalue",
      "debug.upvaluejoin", "debug.getregistry", "debug.getmetatable", "debug.setmetatable", "debug.sethook",
      "debug.getlocal",
      "debug.setlocal", "debug.getuservalue", "debug.debug", "string.dump", "collectgarbage_", "newproxy",
      "loadstring", "module",
    ])
  func absent(_ name: String) async throws {
    #expect(try await Machine().value("return tostring(\(name))") == "nil")
  }

  @Test(
    "is refused with a sentence",
    arguments: [
      (
        "setmetatable({}, {__gc = print})",
        "__gc is not for scripts; use a <close> variable with __close, or flow.defer"
      ),
      (
        "setmetatable({}, setmetatable({__gc = true}, {}))",
        "__gc is not for scripts; use a <close> variable with __close, or flow.defer"
      ),
      ("setmetatable('', {})", "bad argument #1 to 'setmetatable' (table expected, got string)"),
      ("setmetatable({}, 1)", "bad argument #2 to 'setmetatable' (nil or table expected)"),
      ("setmetatable(setmetatable({}, {__metatable = 1}), {})", "cannot change a protected metatable"),
      ("setmetatable(select(2, pcall(wait, 'fail')), {})", "cannot change a protected metatable"),
      ("getmetatable('').__index = nil", "attempt to index a string value"),
      ("collectgarbage('stop')", "collectgarbage takes"),
      ("collectgarbage('generational')", "collectgarbage takes"),
      ("collectgarbage('setpause', 1)", "collectgarbage takes"),
      ("collectgarbage({})", "collectgarbage takes"),
      ("os.exit({})", "os.exit takes a number or a boolean, not a table"),
      ("io.write({})", "bad argument #1 to 'write' (string expected, got table)"),
      ("io.stdout:write('', print)", "bad argument #2 to 'write' (string expected, got function)"),
      ("os.date({})", "bad argument #1 to 'date' (string expected, got table)"),
      ("os.date('%Ez')", "bad argument #1 to 'date'"),
      ("os.time({})", "field 'year' missing in date table"), ("load({})", "bad argument #1 to 'load'"),
      ("string.rep('x', -1 >> 1)", "resulting string too large"),
      ("string.format('%1000d', 1)", "invalid conversion"),
      ("('x'):rep(1e10)", "resulting string too large"), ("('x'):rep(1e9)", "not enough memory"),
      ("table.concat(setmetatable({}, {__len = function() return 1 << 40 end}))", "invalid value"),
      ("table.unpack({}, 1, 1e8)", "too many results to unpack"), ("string.pack('i17', 1)", "out of limits"),
      ("coroutine.close(coroutine.running())", "cannot close a running coroutine"),
    ])
  func refused(_ script: String, _ sentence: String) async throws {
    let said = try await Machine({ $0.memoryLimit = 64 << 20 }).value(script)
    #expect(said.hasPrefix("error: "))
    #expect(said.contains(sentence), "\(said)")
    #expect(!said.contains("[cvlua"))
  }

  @Test(
    "may not use __concat where the library would crash, however it is written",
    arguments: [
      "local t = setmetatable({}, {__concat = print})",
      "local mt = {} local t = setmetatable({}, mt) mt.__concat = print",
      "local mt = {} mt['__con' .. 'cat'] = print setmetatable({}, mt)", "function f.__concat() end",
      "-- a comment\n  t.__concat = 1 -- __concat",
    ])
  func concat(_ script: String) async throws {
    let said = try await Machine().value(script)
    if LuaLibrary.concatIsSound {
      #expect(!said.contains("__concat would"))
    } else {
      let line = script.hasPrefix("--") ? 2 : 1
      #expect(
        said == """
          error: test.lua:\(line): __concat would crash on this machine's Lua library (a defect of Debian's 5.4.4-3); \
          write a function instead
          """)
    }
  }

  @Test("may name __concat in a comment, and load what does not")
  func concatInComment() async throws {
    #expect(try await Machine().value("-- no __concat here\nreturn load('return 1 -- __concat')()") == "1")
  }

  @Test("loads text piece by piece, and may wait for the pieces")
  func pieces() async throws {
    #expect(
      try await Machine().value(
        "local n = 0 return load(function() n = n + 1 return n < 4 and wait('return ' .. n .. ' --\\n') or nil end) and 'loaded' or 'refused'"
      ) == "refused")
    #expect(
      try await Machine().value(
        "local p = {'return ', '4', '2'} local n = 0 return load(function() n = n + 1 return p[n] and wait(p[n]) end)()"
      ) == "42")
    #expect(
      try await Machine().value("return select(2, load(function() error('broken', 0) end))") == "broken")
    #expect(
      try await Machine().value(
        "local s = ('x '):rep(1000000) return select(2, load(function() return s end))")
        == "chunk is longer than 16 MB")
    #expect(
      try await Machine().value("return select(2, load(function() return 1 end))")
        == "reader function must return a string")
  }

  @Test("cannot harm another branch through its coroutine")
  func foreignCoroutine() async throws {
    let said = try await Machine().value(
      """
      local other, done
      spawn(function() other = coroutine.running() wait 'x' wait 'y' done = true end)
      wait 'x'
      local say = {}
      say[1] = select(2, coroutine.resume(other))
      say[2] = select(2, pcall(coroutine.close, other))
      say[3] = coroutine.status(other)
      say[4] = tostring(coroutine.isyieldable(other))
      say[5] = type(debug.traceback(other))
      while not done do wait 'x' end
      return table.concat(say, '; ')
      """)
    #expect(
      said == "cannot resume non-suspended coroutine; cannot close a normal coroutine; normal; false; string")
  }

  @Test(
    "cannot overflow the stack by coroutines that close each other",
    arguments: [90, 190, 10000])
  func chainedClosing(_ count: Int) async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local last
      for i = 1, \(count) do
        local before = last
        last = coroutine.create(function()
          local x <close> = setmetatable({}, {__close = function() if before then assert(coroutine.close(before)) end end})
          coroutine.yield()
        end)
        coroutine.resume(last)
      end
      local ok, e = coroutine.close(last)
      return tostring(ok) .. ' ' .. (e or ''):sub(-16)
      """)
    #expect(said == (count == 90 ? "true " : "false C stack overflow"))
    #expect(await machine.value("return 'usable'") == "usable")
  }

  @Test("cannot overflow it either where each closing nests as many C calls as there may be")
  func deepChainedClosing() async throws {
    let machine = try await Machine()
    let said = await machine.value(
      """
      local function deep(n, f) if n == 0 then return f() end return (string.gsub('a', 'a', function() deep(n - 1, f) end)) end
      local last, overflow
      for i = 1, 300 do
        local before = last
        last = coroutine.create(function()
          local x <close> = setmetatable({}, {__close = function()
            deep(180, function()
              local ok, e = pcall(coroutine.close, before or last)
              if not ok then overflow = overflow or e end
            end)
          end})
          coroutine.yield()
        end)
        coroutine.resume(last)
      end
      coroutine.close(last)
      return overflow
      """)
    #expect(said.hasSuffix("C stack overflow"))
    #expect(await machine.value("return 'usable'") == "usable")
  }

  @Test("finds no module by a name that leads elsewhere; the finder is asked as the name stands")
  func moduleNames() async throws {
    let machine = try await Machine { options in
      options.findModule = { name in .notFound("\n\tno '\(name)'") }
    }
    for name in ["../x", "/etc/passwd", "a/../../b", "", "x\\0y"] {
      let said = await machine.value("return select(2, pcall(require, '\(name)'))")
      #expect(said.contains("not found:"), "\(said)")
    }
    #expect(
      await machine.value("return select(2, pcall(require))")
        == "test.lua:1: bad argument #1 to 'require' (string expected, got no value)")
  }

  @Test("changes only its own libraries: what the host does with them goes on")
  func ownLibraries() async throws {
    let machine = try await Machine { options in
      options.findModule = { name in
        name == "m" ? .found(Array("return 'loaded'".utf8), path: "m.lua") : .notFound("\n\tnone")
      }
    }
    let said = await machine.value(
      """
      string.find, table.concat, table.insert, math.maxinteger = nil, nil, nil, nil
      pcall, type, rawget, select, tostring, error, setmetatable = nil, nil, nil, nil, nil, nil, nil
      return require 'm' .. os.date('%H', 0):len() .. load('return 1')()
      """)
    #expect(said == "loaded21")
  }
}
