--- Whether a backup that came out well is what it should be: against the last runs of its target.
---
---     local verify = require "verify"
---     local check = verify{ below = 0.5, above = 4, failed_items = 0 }
---     local result = backup.rds{ clientName = "aws-prod", instanceName = "eu-west-1", subclientName = "crm" }:wait()
---     local report = check(result)
---     if not report.ok then log.warning(report.text) end
---
--- What it looks at, and the options:
---
--- - that the backup is good at all, and that the level that was asked for is the one that ran (`level = false`: not)
--- - its size and its number of items against the middle one of the last good runs of the same level: less than
---   `below` (0.5) or more than `above` (3) times as much is a finding; `size = false` or `count = false`: not.
---   `runs` (5) are compared, and nothing before there are `least` (3)
--- - a full of nothing
--- - items that failed: more than `failed_items` (0; `false`: not)
---
--- `history` ("35d") is how far back it looks. It asks the Command Center that the result came from, or `commcell`.
--- One request a job, and one a client for the history; see `history`.

local fmt, history = require "fmt", require "history"

local usual = {
  level = true, size = true, count = true, below = 0.5, above = 3, runs = 5, least = 3, failed_items = 0,
}
local others = { history = true, commcell = true }

---@class verify.options
---@field level? boolean
---@field size? boolean
---@field count? boolean
---@field below? number
---@field above? number
---@field runs? integer
---@field least? integer
---@field failed_items? integer|false
---@field history? string|number
---@field commcell? cvlua.commcell

---@class verify.finding
---@field kind "outcome"|"level"|"size"|"count"|"empty"|"items"|"unknown"
---@field message string

---@class verify.report
---@field ok boolean nothing was found
---@field target string
---@field findings verify.finding[]
---@field reason? string what was found, where something was
---@field text string all of it in a line, for people

local function middle(numbers)
  table.sort(numbers)
  local half = #numbers // 2
  if #numbers % 2 == 1 then return numbers[half + 1] end
  return (numbers[half] + numbers[half + 1]) / 2
end

local function read(options)
  local set = {}
  for name, value in pairs(usual) do set[name] = value end
  for name, value in pairs(options) do
    if usual[name] == nil and not others[name] then
      error("verify knows no option " .. tostring(name)
        .. "; it takes level, size, count, below, above, runs, least, failed_items, history and commcell", 3)
    end
    local wanted = type(usual[name])
    if wanted == "number" and type(value) ~= "number" and not (name == "failed_items" and value == false) then
      error("verify: " .. name .. " must be a number", 3)
    elseif wanted == "boolean" and type(value) ~= "boolean" then
      error("verify: " .. name .. " must be true or false", 3)
    end
    set[name] = value
  end
  return set
end

-- Jobs of the same target and level before this one.
local function earlier(cc, job, level, set, own)
  if not job.client then return {} end
  local past = history.of(
    { clientName = job.client, instanceName = job.instance, subclientName = job.subclient, subclientId = job.subclient_id },
    { since = set.history, commcell = cc })
  local found = {}
  for _, one in ipairs(past.jobs) do
    if #found < set.runs and one.level == level and history.is_good(one) and not own[one.id] and one.started <= job.started then
      found[#found + 1] = one
    end
  end
  return found
end

local function compare(set, found, name, now, past, show, add)
  local numbers = {}
  for i, one in ipairs(past) do numbers[i] = one[name] end
  if #numbers < set.least then return end
  local expected = middle(numbers)
  if expected > 0 and (now < expected * set.below or now > expected * set.above) then
    add(found, show(now) .. ", where " .. show(expected) .. " " .. (expected == 1 and "is" or "are") .. " usual")
  end
end

local function items(number)
  number = math.floor(number + 0.5)
  return number .. (number == 1 and " item" or " items")
end

--- Gives a function that looks at a result.
---@param options? verify.options
---@return async fun(result: cvlua.result): verify.report
return function(options)
  if options ~= nil and type(options) ~= "table" then error("verify takes a table such as { below = 0.5 }", 2) end
  local set = read(options or {})

  return function(result)
    if type(result) ~= "table" and type(result) ~= "userdata" or result.outcome == nil then
      error("a check takes the result of a backup, as task:wait() gives it", 2)
    end
    local findings = {}
    local function add(kind, message) findings[#findings + 1] = { kind = kind, message = message } end

    local cc = set.commcell or commcell(result.commcell ~= "default" and result.commcell or nil)
    if not result.ok then add("outcome", result.outcome .. (result.reason and ": " .. result.reason or "")) end
    if result.ok and set.level and result.level_asked and result.level_run and result.level_run ~= result.level_asked then
      add("level", "asked for " .. result.level_asked .. ", and " .. result.level_run .. " ran")
    end
    local ids = (result.ok or result.outcome == "errors") and result.jobs or {}
    local own = {}
    for _, id in ipairs(ids) do own[id] = true end
    for _, id in ipairs(ids) do
      local job = cc:job(id):status()
      if not job then
        add("unknown", "the Command Center knows job " .. id .. " no longer")
      else
        local level = history.level(job.level or "")
        if set.failed_items and job.failed_files > set.failed_items then
          add("items", items(job.failed_files) .. " of " .. job.files .. " failed")
        end
        if result.ok and level:find "FULL$" and job.bytes == 0 then add("empty", "a full of nothing") end
        if result.ok and (set.size or set.count) then
          local past = earlier(cc, job, level, set, own)
          if set.size then compare(set, "size", "bytes", job.bytes, past, fmt.size, add) end
          if set.count then compare(set, "count", "files", job.files, past, items, add) end
        end
      end
    end

    local messages = {}
    for i, finding in ipairs(findings) do messages[i] = finding.message end
    local reason = #messages > 0 and table.concat(messages, "; ") or nil
    return {
      ok = #findings == 0, target = result.target, findings = findings, reason = reason,
      text = tostring(result.target) .. ": " .. (reason or "as it should be"),
    }
  end
end
