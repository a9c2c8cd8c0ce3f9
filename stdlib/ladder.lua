--- Climbs from one backup level to the next where one comes to no good.
---
---     local ladder = require "ladder"
---     local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" }, max = 4 }
---     local result = rescue(backup.dynamodb, { clientName = "aws-prod", … })
---
--- `levels`  the backup levels in order; the same one twice is tried once
--- `on`      outcomes that take the next level; others (killed, busy, …) are for a human, and end the climb
--- `max`     at most so many rescues in all with this ladder: when everything fails, the cause is a common
---           one, and a full backup of everything would only hide it; none means no limit
---
--- Gives the result of the last attempt.

local function list(value, what)
  if type(value) ~= "table" or #value == 0 then
    error("ladder: " .. what .. " must be a list, such as { \"failed\" }", 3)
  end
  return value
end

return function(options)
  if type(options) ~= "table" then error("ladder takes a table: { levels = …, on = …, max = … }", 2) end
  for name in pairs(options) do
    if name ~= "levels" and name ~= "on" and name ~= "max" then
      error("ladder knows no option " .. tostring(name) .. "; it takes levels, on and max", 2)
    end
  end
  local levels = list(options.levels, "levels")
  local climbs = {}
  for _, outcome in ipairs(list(options.on, "on")) do climbs[outcome] = true end
  local left = options.max or math.huge

  return function(workload, fields, how)
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
