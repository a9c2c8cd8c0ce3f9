/// What is left of stock Lua's own libraries where only part of one is there: LuaLS is told to forget the whole,
/// and learns this in its place.
extension EditorDefinitions {
  /// The libraries that LuaLS is to forget.
  static let forgotten = ["debug", "io", "os", "package"]

  /// What the sandbox lacks of the rest of Lua 5.4, and of these.
  static let missing = [
    "dofile", "loadfile", "package", "string.dump", "debug.debug", "debug.gethook", "debug.getinfo",
    "debug.getlocal", "debug.getmetatable", "debug.getregistry", "debug.getupvalue", "debug.getuservalue",
    "debug.sethook", "debug.setlocal", "debug.setmetatable", "debug.setupvalue", "debug.setuservalue",
    "debug.upvalueid", "debug.upvaluejoin", "debug.setcstacklimit", "io.close", "io.flush", "io.input",
    "io.lines", "io.open", "io.output", "io.popen", "io.stdin", "io.tmpfile", "io.type", "os.execute",
    "os.getenv", "os.remove", "os.rename", "os.setlocale", "os.tmpname",
  ]

  static let sandbox = """
    ---Loads a module once: of the library folders, of the script's own folder, or one that ships with cvlua.
    ---@async
    ---@param name string words with dots between
    ---@return any module
    ---@return unknown path
    function require(name) end

    ---The time and the date of the run's clock, and the end of the script.
    os = {}

    ---@param time? table year, month, day, and hour, min, sec
    ---@return integer seconds
    function os.time(time) end

    ---@param format? string as strftime has it; "*t" and "!*t" give a table
    ---@param time? integer
    ---@return string|table
    function os.date(format, time) end

    ---@return number seconds of the processor
    function os.clock() end

    ---@param later integer
    ---@param earlier integer
    ---@return number seconds
    function os.difftime(later, earlier) end

    ---Ends the script; the recap says that it asked for this code.
    ---@param code? integer|boolean
    function os.exit(code) end

    ---@class cvlua.stream
    local _stream = {}

    ---@param ... string|number
    ---@return cvlua.stream
    function _stream:write(...) end

    ---@return cvlua.stream
    function _stream:flush() end

    ---Standard input, output and error; files are there with --trusted only.
    io = {}

    ---@type cvlua.stream
    io.stdout = nil

    ---@type cvlua.stream
    io.stderr = nil

    ---@param ... string|number
    ---@return cvlua.stream
    function io.write(...) end

    ---@param ... string|integer
    ---@return any ...
    function io.read(...) end

    debug = {}

    ---@param message? any
    ---@param level? integer
    ---@return string
    function debug.traceback(message, level) end

    """
}
