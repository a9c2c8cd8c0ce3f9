--- Which backup level it is tonight: by weekday, by the age of the last full, by the last result.
---
---     local rota = require "rota"
---     local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
---     local weekly = rota{ full = "Sunday", differential = { "Wednesday" }, full_every = "8d", after_bad = "FULL" }
---     local level, why = weekly{ clientName = "aws-prod", subclientId = 1042 }
---     log(level .. ": " .. why)
---     dynamo{ subclientId = 1042, backupLevel = level }:wait()
---
--- The first that applies:
---
--- `full`                nights of a FULL: a weekday or a list of them, by the day on which the night began
--- `full_every`          a FULL where the last good one is that old, such as "8d", or none is known
--- `after_bad`           the level where the target's last backup was not good, such as "FULL"
--- `differential`        nights of a DIFFERENTIAL
--- `differential_every`  a DIFFERENTIAL where the last good one, or full, is that old
--- `otherwise`           else this one; INCREMENTAL where nothing is said
---
--- `history` says how far back it looks ("35d"), `commcell` at which Command Center. Weekdays alone ask nobody.
--- The job history is looked up once a client and run; see `history`.

local history = require "history"

local weekdays = {
  sunday = true, monday = true, tuesday = true, wednesday = true, thursday = true, friday = true, saturday = true,
}
local known = {
  full = true, full_every = true, after_bad = true, differential = true, differential_every = true,
  otherwise = true, history = true, commcell = true,
}
local units = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

local function days(given, what)
  local found = {}
  if given == nil then return found end
  for _, day in ipairs(type(given) == "table" and given or { given }) do
    if type(day) ~= "string" or not weekdays[day:lower()] then
      error("rota: " .. what .. " names " .. tostring(day) .. ", which is no weekday such as \"Sunday\"", 3)
    end
    found[day:lower()] = true
  end
  return found
end

local function seconds(given, what)
  if given == nil then return nil end
  local number, unit = tostring(given):match "^(%d+%.?%d*)([smhdw]?)$"
  if not number then error("rota: " .. what .. " must be an age such as \"8d\", not " .. tostring(given), 3) end
  return tonumber(number) * (units[unit] or 1)
end

local function age(text, from, to)
  local hours = (to - from) // 3600
  return text .. " is " .. (hours < 48 and hours .. "h" or hours // 24 .. "d") .. " old"
end

---@class rota.options
---@field full? string|string[]
---@field full_every? string|number
---@field after_bad? string
---@field differential? string|string[]
---@field differential_every? string|number
---@field otherwise? string
---@field history? string|number
---@field commcell? cvlua.commcell

---@alias rota.choose async fun(fields: table<string, any>): level: string, why: string

--- Gives a function of a target's fields.
---@param options rota.options
---@return rota.choose
return function(options)
  if type(options) ~= "table" then error("rota takes a table such as { full = \"Sunday\", full_every = \"8d\" }", 2) end
  for name in pairs(options) do
    if not known[name] then
      error("rota knows no option " .. tostring(name)
        .. "; it takes full, full_every, after_bad, differential, differential_every, otherwise, history and commcell", 2)
    end
  end
  local full, differential = days(options.full, "full"), days(options.differential, "differential")
  local full_age = seconds(options.full_every, "full_every")
  local differential_age = seconds(options.differential_every, "differential_every")
  for _, name in ipairs{ "after_bad", "otherwise" } do
    local level = options[name]
    if level ~= nil and type(level) ~= "string" then error("rota: " .. name .. " must be a backup level such as \"FULL\"", 2) end
  end
  local otherwise = options.otherwise or "INCREMENTAL"
  local looks = full_age or differential_age or options.after_bad
  local today = run.night.weekday

  return function(fields)
    if type(fields) ~= "table" or (fields.clientName or fields.clientId or fields.subclientId) == nil then
      error("a rota takes the fields of a target, with clientName, clientId or subclientId", 2)
    end
    if full[today:lower()] then return "FULL", today end
    local past
    if looks then
      past = history.of(fields, { since = options.history, commcell = options.commcell })
      if full_age then
        if not past.full then return "FULL", "no good full is known" end
        if past.at - past.full.started >= full_age then
          return "FULL", age("the last full", past.full.started, past.at)
        end
      end
      local last = past.jobs[1]
      if options.after_bad and last and not history.is_good(last) then
        return options.after_bad, "the last backup came out as " .. last.outcome
      end
    end
    if differential[today:lower()] then return "DIFFERENTIAL", today end
    if differential_age then
      local newest = past.full
      for _, job in ipairs(past.jobs) do
        if job.level == "DIFFERENTIAL" and history.is_good(job) and not (newest and newest.started > job.started) then
          newest = job
        end
      end
      if not newest then return "DIFFERENTIAL", "no good full or differential is known" end
      if past.at - newest.started >= differential_age then
        return "DIFFERENTIAL", age("the last " .. newest.level:lower(), newest.started, past.at)
      end
    end
    return otherwise, "nothing else applies"
  end
end
