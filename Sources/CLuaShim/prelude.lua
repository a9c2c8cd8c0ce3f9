-- What a virtual machine runs before the first script. Frames of this chunk never show in tracebacks.
-- It is given the host's functions and whether the profile is the trusted one.
local host, trusted = ...

-- Raises a string that begins with the place in the script, however many frames of this chunk lie between.
local raise, raise_again, place = host.raise, host.raise_again, host.place
local remember_way = host.remember_way
local type, rawget, select, tostring, pcall = type, rawget, select, tostring, pcall
local insert, concat, find, match, maxinteger = table.insert, table.concat, string.find, string.match, math.maxinteger
local getmetatable = getmetatable
local setmetatable = trusted and setmetatable or host.stock.setmetatable
local park, unpark, this_branch = host.park, host.unpark, host.this_branch

-- require ---------------------------------------------------------------------------------------
-- As the stock one, but a module may wait while it loads; a second branch that requires it waits for
-- the first. A module that requires itself, by whatever way, is told so instead of recursing.

local loaded, searchers
if trusted then
  loaded = package.loaded
  table.insert(package.searchers, host.find)
else
  loaded = { _G = host.globals }
  for name, library in next, host.globals do
    if type(library) == "table" then loaded[name] = library end
  end
  searchers = { host.find }
end

local loading = {}     -- module name -> { owner = branch, waiting branches… }
local newest = {}      -- branch -> the module that it is loading, innermost first by `outer`
local waits_for = {}   -- branch -> name of the module that it waits for

local function done(entry)
  loading[entry.name] = nil
  newest[entry.owner] = entry.outer
  for i = 1, #entry do unpark(entry[i]) end
end

-- The chain of modules by which this branch waits for itself, or nil where it does not.
local function cycle(name, me)
  local chain, at = {}, name
  while loading[at].owner ~= me do
    at = waits_for[loading[at].owner]
    if not at or not loading[at] then return nil end
    chain[#chain + 1] = at
  end
  -- This branch's own part: from the module that it is loading now out to the one that closes the circle.
  local mine, entry = {}, newest[me]
  while entry do
    insert(mine, 1, entry.name)
    if entry.name == at then break end
    entry = entry.outer
  end
  mine[#mine + 1] = name
  for i = 1, #chain do mine[#mine + 1] = chain[i] end
  return concat(mine, " -> ")
end

local package = trusted and package

local function find_loader(name, entry)
  local list = package and package.searchers or searchers
  if type(list) ~= "table" then raise("'package.searchers' must be a table") end
  local tried = ""
  for i = 1, maxinteger do
    local searcher = rawget(list, i)
    if searcher == nil then
      entry.missing = true
      raise("module '" .. name .. "' not found:" .. tried)
    end
    local loader, extra, environment = searcher(name)
    if type(loader) == "function" then return loader, extra, environment end
    if type(loader) == "string" then tried = tried .. (find(loader, "^\n") and "" or "\n\t") .. loader end
  end
end

-- How the script came to the module of `entry`: "night.lua:3 → team.policies:10 → team.base".
local function way_to(entry)
  local way = entry.name
  while entry do
    local outer = entry.outer
    local from = entry.place
    if outer then
      -- After a tail call (`return require "x"`) the line is another module's.
      local file, line = match(from, "^(.*):(%d+)$")
      from = file and (file == outer.path or find(file, "...", 1, true) == 1) and outer.name .. ":" .. line or outer.name
    end
    way = from .. " → " .. way
    entry = outer
  end
  return way
end

-- An error on its way out of a module gets the way to it, once.
local by_way = "\n\tby way of "
local function told(entry, problem)
  local is_object = type(problem) == "table" and getmetatable(problem) == "error"
  -- What is a script's own stays what it is; the host tells the way where it shows it.
  if not is_object and (type(problem) == "table" or type(problem) == "userdata") then
    return remember_way(problem, by_way .. way_to(entry))
  end
  local message
  if is_object then message = rawget(problem, "message") else message = problem end
  if type(message) ~= "string" or find(message, by_way, 1, true) then return end
  -- A require of the script's own that finds nothing has said all there is.
  if entry.missing and not entry.outer then return end
  -- A message handler of the script's has made a traceback of it already.
  if find(message, "\nstack traceback:", 1, true) then return end
  local whole = message .. by_way .. way_to(entry)
  if is_object then problem.message = whole else raise_again(whole) end
end

local function closed(entry, problem)
  done(entry)
  if problem ~= nil and not trusted then told(entry, problem) end
end

local closer = { __close = closed, __name = "loading module" }

local known = {}       -- the globals of libraries that have a `load` of their own

-- `load` in a library gives chunks the library's globals, too.
local function load_for(environment, stock)
  return function(chunk, name, mode, ...)
    if select("#", ...) > 0 then return stock(chunk, name, mode, ...) end
    return stock(chunk, name, mode, environment)
  end
end

local function require(name)
  if type(name) == "number" then name = tostring(name) end
  if type(name) ~= "string" then
    raise("bad argument #1 to 'require' (string expected, got " .. (name == nil and "no value" or type(name)) .. ")")
  end
  local me = this_branch()
  while true do
    local value = loaded[name]
    if value then return value end
    local entry = loading[name]
    if not entry then break end
    local chain = cycle(name, me)
    if chain then
      raise("module '" .. name .. "' requires itself: " .. chain)
    end
    entry[#entry + 1] = me
    waits_for[me] = name
    park()
    waits_for[me] = nil
  end
  local entry <close> = setmetatable({ name = name, owner = me, outer = newest[me] }, closer)
  loading[name], newest[me] = entry, entry
  if not trusted then entry.place = place() or "?" end
  local loader, extra, environment = find_loader(name, entry)
  if environment and not known[environment] then
    known[environment] = true
    environment.load = load_for(environment, environment.load)
  end
  entry.path = extra
  local value = loader(name, extra)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == nil then
    loaded[name] = true
  end
  return loaded[name], extra
end

host.globals.require = require
if trusted then return end

-- The operator profile ----------------------------------------------------------------------------

local globals = host.globals
local stock = host.stock   -- the stock libraries; scripts see only what is copied here or allow-listed

-- Results of a stock function that ran in a pcall; its error names the script's line, not one of this file.
local error, gsub = error, string.gsub
local function results(name, ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) == "string" then raise((gsub(message, "to '%?'", "to '" .. name .. "'"))) end
  error(message, 0)
end

-- Text only: bytecode can crash the host. Without an environment the globals are the safe ones.
-- A function that gives the text piece by piece is called here, not by the stock function, so it may wait.
local byte = string.byte
local stock_load, unsound = stock.load, host.unsound

local function read_pieces(reader)
  local pieces, length = {}, 0
  while true do
    local piece = reader()
    if piece == nil or piece == "" then return concat(pieces) end
    if type(piece) ~= "string" then error("reader function must return a string", 0) end
    pieces[#pieces + 1], length = piece, length + #piece
    if byte(pieces[1]) == 27 then return pieces[1] end   -- bytecode, which is refused as it is
    if length > 16777216 then error("chunk is longer than 16 MB", 0) end
  end
end

function globals.load(chunk, name, _, ...)
  if type(chunk) == "function" then
    local ok, text = pcall(read_pieces, chunk)
    if not ok then return nil, text end
    chunk, name = text, name or "=(load)"
  end
  local why = type(chunk) == "string" and unsound(chunk)
  if why then return nil, why end
  return results("load", pcall(stock_load, chunk, name, "t", ...))
end

-- __gc runs when it likes and cannot wait; __concat crashes some releases of Lua 5.4.4 (one that is set later
-- is found in the text, when that is loaded).
local stock_setmetatable, getmetatable_of, concat_is_sound = stock.setmetatable, stock.getmetatable_of, host.concat_is_sound
function globals.setmetatable(object, metatable)
  if type(object) ~= "table" then
    raise("bad argument #1 to 'setmetatable' (table expected, got " .. type(object) .. ")")
  end
  if type(metatable) == "table" then
    if rawget(metatable, "__gc") ~= nil then
      raise("__gc is not for scripts; use a <close> variable with __close, or flow.defer")
    end
    if rawget(metatable, "__concat") ~= nil and not concat_is_sound() then
      raise(unsound("__concat"))
    end
  elseif metatable ~= nil then
    raise("bad argument #2 to 'setmetatable' (nil or table expected)")
  end
  if rawget(getmetatable_of(object) or {}, "__metatable") ~= nil then
    raise("cannot change a protected metatable")
  end
  return stock_setmetatable(object, metatable)
end

local collect = { collect = true, count = true, step = true, isrunning = true }
local stock_collect = stock.collectgarbage
function globals.collectgarbage(what, argument)
  what = what or "collect"
  if not collect[what] then
    raise("collectgarbage takes \"collect\", \"count\", \"step\" or \"isrunning\" here")
  end
  if what == "step" then return results("collectgarbage", pcall(stock_collect, what, argument or 0)) end
  return stock_collect(what)
end

-- math.random draws from each branch's own numbers: a run that is taken up again sees the same in each, in
-- whatever order its branches come to draw them. Arguments are checked by the stock function.
local stock_random, bits, seed_random, ult = globals.math.random, host.random_bits, host.seed_random, math.ult
function globals.math.random(...)
  results("random", pcall(stock_random, ...))
  local low, high = ...
  if low == nil then return (bits() >> 11) * (0.5 ^ 53) end
  if high == nil then
    if low == 0 then return bits() end
    low, high = 1, low
  end
  low, high = low // 1 | 0, high // 1 | 0
  -- Numbers below the next power of two, until one is in the range.
  local span = high - low
  local mask = span
  for shift = 0, 5 do mask = mask | mask >> (1 << shift) end
  local number
  repeat number = bits() & mask until not ult(span, number)
  return low + number
end
function globals.math.randomseed(seed)
  if seed ~= nil and type(seed) ~= "number" then
    raise("bad argument #1 to 'randomseed' (number expected, got " .. type(seed) .. ")")
  end
  seed_random(seed and (seed // 1 | 0))
end

-- os: time follows the run's clock, exit ends the run in good order.
local stock_time, stock_date, now = stock.os.time, stock.os.date, host.now
globals.os = {
  time = function(when)
    if when == nil then return now() end
    return results("time", pcall(stock_time, when))
  end,
  date = function(format, when)
    return results("date", pcall(stock_date, format or "%c", when or now()))
  end,
  clock = stock.os.clock,
  difftime = stock.os.difftime,
  exit = host.exit,
}

-- io: the script's own standard streams, without their handles (a handle can be closed, or opened anew).
local stock_write, stock_read, stock_stderr = stock.io.write, stock.io.read, stock.io.stderr
local stock_stdout, reading = stock.io.stdout, host.reading
local out, err = {}, {}

-- The stock functions would name a line of this file.
local function check_texts(...)
  for i = 1, select("#", ...) do
    local kind = type((select(i, ...)))
    if kind ~= "string" and kind ~= "number" then
      raise("bad argument #" .. i .. " to 'write' (string expected, got " .. kind .. ")")
    end
  end
end

function out:write(...)
  check_texts(...)
  local ok, message, code = stock_write(...)
  if not ok then return ok, message, code end
  return out
end
function out:flush()
  local ok, message, code = stock_stdout:flush()
  if not ok then return ok, message, code end
  return out
end
function err:write(...)
  check_texts(...)
  stock_stdout:flush()
  local ok, message, code = stock_stderr:write(...)
  if not ok then return ok, message, code end
  return err
end
function err:flush()
  return err
end

local function has_read(...)
  reading(false)
  return ...
end
globals.io = {
  write = function(...)
    check_texts(...)
    local ok, message, code = stock_write(...)
    if not ok then return ok, message, code end
    return out
  end,
  read = function(...)
    reading(true)
    return results("read", has_read(pcall(stock_read, ...)))
  end,
  stdout = out,
  stderr = err,
}

loaded.os, loaded.io = globals.os, globals.io
