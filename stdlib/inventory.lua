--- What is there to back up: selected by patterns, and compared with last time.
---
---     local inventory = require "inventory"
---     local tables = inventory.subclients{ client = "aws-*", instance = "DynamoDB", except = "tmp*" }
---     local changes = inventory.changes("tables", tables)
---     if not changes.is_first and #changes.added > 0 then log.warning("new: " .. inventory.names(changes.added)) end
---     flow.map(tables, function(one) return backup.dynamodb(one, { finish_within = "6h" }):wait() end)
---
--- A pattern is a text in which `*` stands for any letters and `?` for one, without regard to case, or a list of
--- such texts, of which one must fit. What is selected can be passed as the fields of a workload. All of it comes in the
--- order of the names, so that a night goes through it the same way each time. A run that is taken up again has what it
--- selected before, whatever came or went meanwhile.

---@class inventory
local inventory = {}

---@alias inventory.pattern string|string[]

---@class inventory.selection
---@field client? inventory.pattern clients by name
---@field instance? inventory.pattern instances by name
---@field backupset? inventory.pattern backup sets by name
---@field subclient? inventory.pattern subclients by name
---@field app? inventory.pattern applications as the server names them, such as "Cloud Apps" or "SQL Server"
---@field except? inventory.pattern leaves out what is asked for (the subclient, instance or client) by its name
---@field commcell? cvlua.commcell another Command Center than the run's own
---@field refresh? boolean asks anew, where an answer is known already

---@class inventory.changes
---@field added cvlua.entity[] what is there and was not last time
---@field removed string[] what was there and is not any more
---@field same integer how many were there last time, too
---@field is_first boolean there is no last time: nothing is added, nothing removed

local known = {
  client = true, instance = true, backupset = true, subclient = true, app = true, except = true, commcell = true,
  refresh = true,
}

-- A function that tells whether a name fits; nil fits all.
local function matcher(pattern, what, option)
  if pattern == nil then return function() return true end end
  local wanted = {}
  for i, one in ipairs(type(pattern) == "table" and pattern or { pattern }) do
    if type(one) ~= "string" or one == "" then
      error(what .. ": " .. option .. " must be a pattern such as \"aws-*\", or a list of them", 4)
    end
    -- All that patterns of Lua read as their own is escaped, then the two that are ours are put in.
    wanted[i] = "^" .. one:lower():gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("%%%*", ".*"):gsub("%%%?", ".") .. "$"
  end
  if #wanted == 0 then error(what .. ": " .. option .. " is an empty list, which fits nothing", 4) end
  return function(name)
    name = (name or ""):lower()
    for _, one in ipairs(wanted) do
      if name:find(one) then return true end
    end
    return false
  end
end

local function selection(given, what, own)
  if given == nil then given = {} end
  if type(given) ~= "table" then error(what .. " takes a table such as { client = \"aws-*\" }", 3) end
  for name in pairs(given) do
    if not known[name] then
      error(what .. " knows no " .. tostring(name)
        .. "; it takes client, instance, backupset, subclient, app, except, commcell and refresh", 3)
    end
  end
  local fits = {}
  for _, name in ipairs{ "client", "instance", "backupset", "subclient", "app" } do
    fits[name] = matcher(given[name], what, name)
  end
  local isLeftOut = given.except ~= nil and matcher(given.except, what, "except") or function() return false end
  return {
    cc = given.commcell or commcell(), refresh = given.refresh,
    fits = function(entity)
      return fits.client(entity.clientName) and fits.instance(entity.instanceName)
        and fits.backupset(entity.backupsetName) and fits.subclient(entity.subclientName)
        and fits.app(entity.appName) and not isLeftOut(entity[own])
    end,
    client = function(entity) return fits.client(entity.clientName) end,
  }
end

local function key(entity)
  local words = {}
  for _, name in ipairs{ "clientName", "instanceName", "backupsetName", "subclientName" } do
    words[#words + 1] = entity[name]
  end
  -- Two that are called the same are still two.
  local id = entity.subclientId or entity.instanceId or entity.clientId
  return table.concat(words, "/"), id or 0
end

local function sort(entities)
  table.sort(entities, function(a, b)
    local left, leftId = key(a)
    local right, rightId = key(b)
    if left ~= right then return left < right end
    return leftId < rightId
  end)
  return entities
end

-- What a selection is called in the journal.
local function title(what, given)
  local words = {}
  for name, value in pairs(given or {}) do
    if name == "commcell" then
      value = value.name
    elseif type(value) == "table" then
      value = table.concat(value, "|")
    end
    words[#words + 1] = name .. "=" .. tostring(value)
  end
  table.sort(words)
  return what .. (#words > 0 and " " or "") .. table.concat(words, " ")
end

local asked = {}   -- how often a selection was asked for

-- What list() gives; a run that is taken up again takes it from its journal.
local function pinned(what, given, list)
  local name = title(what, given)
  asked[name] = (asked[name] or 0) + 1
  return flow.step(name .. " #" .. asked[name], list)
end

-- What stands below the clients that fit.
local function below(wanted, list)
  local clients = {}
  for _, client in ipairs(wanted.cc:clients{ refresh = wanted.refresh }) do
    if wanted.client(client) then clients[#clients + 1] = client end
  end
  local found = {}
  local answers = flow.map(clients, function(client)
    return list(wanted.cc, { client = client.clientId, refresh = wanted.refresh })
  end, { limit = 8 })
  for i, answer in ipairs(answers) do
    if not answer.ok then error("inventory: " .. clients[i].clientName .. ": " .. tostring(answer.reason), 3) end
    for _, entity in ipairs(answer.value) do
      if wanted.fits(entity) then found[#found + 1] = entity end
    end
  end
  return sort(found)
end

--- The clients that fit `client`.
---@async
---@param wanted? inventory.selection
---@return cvlua.entity[]
function inventory.clients(wanted)
  local chosen = selection(wanted, "inventory.clients", "clientName")
  return pinned("inventory.clients", wanted, function()
    local found = {}
    for _, client in ipairs(chosen.cc:clients{ refresh = chosen.refresh }) do
      if chosen.fits(client) then found[#found + 1] = client end
    end
    return sort(found)
  end)
end

--- The instances that fit `client`, `instance` and `app`.
---@async
---@param wanted? inventory.selection
---@return cvlua.entity[]
function inventory.instances(wanted)
  local chosen = selection(wanted, "inventory.instances", "instanceName")
  return pinned("inventory.instances", wanted, function()
    return below(chosen, function(cc, query) return cc:instances(query) end)
  end)
end

--- The subclients that fit `client`, `instance`, `backupset`, `subclient` and `app`.
---@async
---@param wanted? inventory.selection
---@return cvlua.entity[]
function inventory.subclients(wanted)
  local chosen = selection(wanted, "inventory.subclients", "subclientName")
  return pinned("inventory.subclients", wanted, function()
    return below(chosen, function(cc, query) return cc:subclients(query) end)
  end)
end

--- The names of a list in one line, for people.
---@param list (cvlua.entity|string)[]
---@return string
function inventory.names(list)
  local words = {}
  for i, one in ipairs(list) do words[i] = type(one) == "string" and one or (key(one)) end
  return require "fmt".list(words)
end

--- Compares a list with the one of the last run of this script, and remembers it for the next; see run.remember.
---@async
---@param name string what the list is called; each list has its own
---@param list cvlua.entity[]
---@return inventory.changes
function inventory.changes(name, list)
  if type(name) ~= "string" or type(list) ~= "table" then
    error("inventory.changes takes a name and a list, as in inventory.changes(\"tables\", tables)", 2)
  end
  local before = run.recall("inventory " .. name)
  local now, keys = {}, json.array{}
  for i, entity in ipairs(list) do
    local text = key(entity)
    keys[i], now[text] = text, true
  end
  local changes = { added = {}, removed = {}, same = 0, is_first = before == nil }
  local was = {}
  for _, text in ipairs(before or {}) do
    was[text] = true
    if not now[text] then changes.removed[#changes.removed + 1] = text end
  end
  for i, entity in ipairs(list) do
    if was[keys[i]] then
      changes.same = changes.same + 1
    elseif before then
      changes.added[#changes.added + 1] = entity
    end
  end
  run.remember("inventory " .. name, keys)
  return changes
end

return inventory
