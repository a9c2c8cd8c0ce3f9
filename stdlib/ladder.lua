--- Climbs from one backup level to the next where one comes to no good.
---
---     local ladder = require "ladder"
---     local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" }, max = 4 }
---     local result = rescue(backup.dynamodb, { clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042 })
---
--- `levels`  the backup levels in order; the same one twice is tried once
--- `on`      outcomes that take the next level; others (killed, busy, …) are for a human, and end the climb
--- `max`     at most so many rescues in all with this ladder: when everything fails, the cause is a common
---           one, and a full backup of everything would only hide it; none means no limit
---
--- Gives the result of the last attempt.

local outcomes = {
  errors = true, committed = true, failed = true, failed_to_start = true, killed = true, busy = true,
  rejected = true, unreachable = true, gave_up = true, ambiguous = true, warnings = true, skipped = true,
}

local function list(value, what, example)
  if type(value) ~= "table" or #value == 0 then
    error("ladder: " .. what .. " must be a list, such as { \"" .. example .. "\" }", 3)
  end
  return value
end

---@class ladder.options
---@field levels string[]
---@field on string[]
---@field max? integer

---@alias ladder.climb async fun(workload: cvlua.workload, fields: table<string, any>, options?: cvlua.submit_options): cvlua.result

--- Gives a function that climbs for one target.
---@param options ladder.options
---@return ladder.climb
return function(options)
  if type(options) ~= "table" then error("ladder takes a table: { levels = …, on = …, max = … }", 2) end
  for name in pairs(options) do
    if name ~= "levels" and name ~= "on" and name ~= "max" then
      error("ladder knows no option " .. tostring(name) .. "; it takes levels, on and max", 2)
    end
  end
  local levels = list(options.levels, "levels", "FULL")
  local climbs = {}
  for _, outcome in ipairs(list(options.on, "on", "failed")) do
    if not outcomes[outcome] then
      error("ladder: on names " .. tostring(outcome) .. ", which is no outcome that is not good", 2)
    end
    climbs[outcome] = true
  end
  local left = options.max or math.huge
  if type(left) ~= "number" or left < 0 then error("ladder: max must be a number from 0", 2) end

  return function(workload, fields, how)
    if type(fields) ~= "table" then
      error("a ladder takes a workload and a table of fields, as in rescue(backup.dynamodb, { … })", 2)
    end
    local result
    for step, level in ipairs(levels) do
      if step == 1 or level ~= levels[step - 1] then
        local payload = {}
        for name, value in pairs(fields) do payload[name] = value end
        payload.backupLevel = level
        if result then
          if left < 1 then
            log.warning("no rescues left, " .. tostring(result.target) .. " stays as it is")
            return result
          end
          left = left - 1
          log.warning(result.target .. " " .. result.outcome .. ", taking " .. level)
        end
        result = workload(payload, how):wait()
        if result.ok or not climbs[result.outcome] then return result end
      end
    end
    return result
  end
end
