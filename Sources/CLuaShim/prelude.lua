-- What a virtual machine runs before the first script. Frames of this chunk never show in tracebacks.
-- It is given the host's functions and whether the profile is the trusted one.
local host, trusted = ...

-- Raises a string that begins with the place in the script, however many frames of this chunk lie between.
local raise = host.raise
local type, rawget, select, tostring = type, rawget, select, tostring
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
    table.insert(mine, 1, entry.name)
    if entry.name == at then break end
    entry = entry.outer
  end
  mine[#mine + 1] = name
  for i = 1, #chain do mine[#mine + 1] = chain[i] end
  return table.concat(mine, " -> ")
end

local function find_loader(name)
  local list = trusted and package.searchers or searchers
  if type(list) ~= "table" then raise("'package.searchers' must be a table") end
  local tried = ""
  for i = 1, math.maxinteger do
    local searcher = rawget(list, i)
    if searcher == nil then
      raise("module '" .. name .. "' not found:" .. tried)
    end
    local loader, extra = searcher(name)
    if type(loader) == "function" then return loader, extra end
    if type(loader) == "string" then tried = tried .. (loader:find("^\n") and "" or "\n\t") .. loader end
  end
end

local closer = { __close = done, __name = "loading module" }

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
  local loader, extra = find_loader(name)
  local entry <close> = setmetatable({ name = name, owner = me, outer = newest[me] }, closer)
  loading[name], newest[me] = entry, entry
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

-- Text only: bytecode can crash the host. Without an environment the globals are the safe ones.
local stock_load = stock.load
function globals.load(chunk, name, _, ...)
  return stock_load(chunk, name, "t", ...)
end

-- __gc runs when it likes and cannot wait; __concat crashes some releases of Lua 5.4.4.
local stock_setmetatable = stock.setmetatable
function globals.setmetatable(object, metatable)
  if type(object) ~= "table" then
    raise("bad argument #1 to 'setmetatable' (table expected, got " .. type(object) .. ")")
  end
  if type(metatable) == "table" then
    if rawget(metatable, "__gc") ~= nil then
      raise("__gc is not for scripts; use a <close> variable with __close, or flow.defer")
    end
    if rawget(metatable, "__concat") ~= nil and not host.concat_is_sound() then
      raise("__concat would crash on this machine's Lua library (a defect of Debian's 5.4.4-3); write a function instead")
    end
  elseif metatable ~= nil then
    raise("bad argument #2 to 'setmetatable' (nil or table expected)")
  end
  if rawget(stock.getmetatable_of(object) or {}, "__metatable") ~= nil then
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
  if what == "step" then return stock_collect(what, argument or 0) end
  return stock_collect(what)
end

-- os: time follows the run's clock, exit ends the run in good order.
local stock_time, stock_date = stock.os.time, stock.os.date
globals.os = {
  time = function(when)
    if when == nil then return host.now() end
    return stock_time(when)
  end,
  date = function(format, when)
    return stock_date(format or "%c", when or host.now())
  end,
  clock = stock.os.clock,
  difftime = stock.os.difftime,
  exit = host.exit,
}

-- io: the script's own standard streams, without their handles (a handle can be closed, or opened anew).
local stock_write, stock_read, stock_stderr = stock.io.write, stock.io.read, stock.io.stderr
local stock_stdout = stock.io.stdout
local out, err = {}, {}
function out:write(...)
  local ok, message, code = stock_write(...)
  if not ok then return ok, message, code end
  return out
end
function out:flush()
  stock_stdout:flush()
  return out
end
function err:write(...)
  stock_stdout:flush()
  local ok, message, code = stock_stderr:write(...)
  if not ok then return ok, message, code end
  return err
end
function err:flush()
  return err
end
globals.io = {
  write = function(...) return out:write(...) end,
  read = function(...) return stock_read(...) end,
  stdout = out,
  stderr = err,
}
