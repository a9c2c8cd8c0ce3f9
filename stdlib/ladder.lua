--- Climbs from one backup level to the next where one comes to no good.
---
---     local ladder = require "ladder"
---     local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" }, max = 4, alarm = 5 }
---     local result = rescue(backup.dynamodb, { clientName = "aws-prod", instanceName = "DynamoDB", subclientId = 1042 })
---
--- `levels`  the backup levels in order; the same one twice is tried once
--- `on`      outcomes that take the next level; others (killed, busy, …) are for a human, and end the climb
--- `max`     at most so many rescues in all with this ladder: when everything fails, the cause is a common
---           one, and a full backup of everything would only hide it; none means no limit
--- `alarm`   where so many targets fail for the same reason, that is one cause: no more of them are rescued, and a
---           human is called for once (run.alarm); none means never
--- `resume`  where a backup gave up (a time limit of ours, see `finish_within`) and its job has not ended, the job is
---           resumed before the next level is taken, since what it has copied counts, and waited for so long: "2h". A
---           job that does not end by then is killed. Say `gave_up` in `on`, too
---
--- Gives the result of the last attempt.

local outcomes = {
  errors = true, committed = true, failed = true, failed_to_start = true, killed = true, busy = true,
  rejected = true, unreachable = true, gave_up = true, ambiguous = true, warnings = true, skipped = true,
}
local known = { levels = true, on = true, max = true, alarm = true, resume = true }

-- What jobs say while they could be resumed.
local held = { Suspended = true, Pending = true, Suspend = true, ["Suspend Pending"] = true, Waiting = true, Queued = true }

local function list(value, what, example)
  if type(value) ~= "table" or #value == 0 then
    error("ladder: " .. what .. " must be a list, such as { \"" .. example .. "\" }", 3)
  end
  return value
end

local function count(value, what, from)
  if value == nil then return math.huge end
  if type(value) ~= "number" or value < from then error("ladder: " .. what .. " must be a number from " .. from, 3) end
  return value
end

local ladders = 0   -- how many the script has made: each has its own decisions

-- A reason without what differs from job to job.
local function cause(result)
  local text = (result.reason or result.outcome):gsub("%d%d%d%d+", "…")
  return text
end

-- A job of the Command Center that the result is of.
local function job_of(result, id)
  if result.commcell == "default" then return job(id) end
  return commcell(result.commcell):job(id)
end

-- Resumes the jobs of a result that have not ended, and waits for them as for a backup of ours: the submit of the same
-- again attaches to the job that runs. Gives nil where none does.
local function resumed(workload, payload, how, result, patience)
  -- Somebody else's job is his, and a backup that was never taken has none.
  if result.attached or #result.jobs == 0 then return nil end
  -- A run that is taken up again goes the way that it went.
  local where = result.commcell == "default" and "" or result.commcell .. "."
  local what = where .. "backup." .. result.workload .. ":" .. result.target
  local runs = flow.step("ladder: " .. what .. " jobs " .. table.concat(result.jobs, ", ") .. " go on", function()
    local found = false
    for _, id in ipairs(result.jobs) do
      local handle = job_of(result, id)
      local now = handle:status()
      if now and not now.outcome then
        found = true
        if held[now.status] then
          local ok, why = pcall(handle.resume, handle)
          log.warning(result.target .. ": job " .. id .. " is " .. now.status:lower() .. (ok and ", and is resumed"
            or ", and could not be resumed: " .. (type(why) == "table" and why.message or tostring(why))))
        end
      end
    end
    return found
  end)
  if not runs then return nil end
  local options = {}
  for name, value in pairs(how or {}) do options[name] = value end
  options.on_busy, options.start_within, options.finish_within, options.no_progress = "attach", false, false, false
  options.timeout = patience
  local again = workload(payload, options):wait()
  if again.outcome == "gave_up" then
    for _, id in ipairs(result.jobs) do
      log.warning(result.target .. ": job " .. id .. " has not ended, and is killed")
      local handle = job_of(result, id)
      pcall(handle.kill, handle)
    end
  end
  return again
end

---@class ladder.options
---@field levels string[]
---@field on string[]
---@field max? integer
---@field alarm? integer
---@field resume? string|number

---@alias ladder.climb async fun(of: cvlua.workload, fields: table, options?: cvlua.submit_options): cvlua.result

--- Gives a function that climbs for one target.
---@param options ladder.options
---@return ladder.climb
return function(options)
  if type(options) ~= "table" then error("ladder takes a table: { levels = …, on = …, max = … }", 2) end
  for name in pairs(options) do
    if not known[name] then
      error("ladder knows no option " .. tostring(name) .. "; it takes levels, on, max, alarm and resume", 2)
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
  local left = count(options.max, "max", 0)
  local alarm = count(options.alarm, "alarm", 2)
  local patience = options.resume
  if patience ~= nil and type(patience) ~= "number" and not (type(patience) == "string" and patience:find "^%d") then
    error("ladder: resume must be a duration such as \"2h\"", 2)
  end
  local causes = {}   -- a reason -> the targets that failed for it
  local asked = {}    -- how often a decision was asked for
  ladders = ladders + 1
  local number = ladders

  -- Notes that a target failed; gives the cause, with how many have failed for it.
  local function note(result)
    local text = cause(result)
    local found = causes[text] or { targets = {}, count = 0, text = text }
    causes[text] = found
    if not found.targets[result.target] then
      found.targets[result.target] = true
      found.count = found.count + 1
    end
    if found.count >= alarm and not found.told then
      found.told = true
      run.alarm(found.count .. " targets failed for the same reason, so no more of them are rescued: " .. text)
    end
    return found
  end

  -- Whether the next level is taken. What was decided stays so where a run is taken up again, in whatever order the
  -- targets come then.
  local function decide(result, level)
    local found = note(result)
    local name = "ladder " .. number .. ": " .. result.target .. " " .. level
    asked[name] = (asked[name] or 0) + 1
    local is_known = true
    local decision = flow.step(name .. " #" .. asked[name], function()
      is_known = false
      if found.count >= alarm then return "common" end
      if left < 1 then return "none" end
      left = left - 1
      return "go"
    end)
    if decision == "go" then
      if is_known then left = left - 1 end
      log.warning(result.target .. " " .. result.outcome .. ", taking " .. level)
    elseif decision == "common" then
      log.warning(result.target .. " " .. result.outcome .. " for a common reason, and stays as it is")
    else
      log.warning("no rescues left, " .. result.target .. " stays as it is")
    end
    return decision == "go"
  end

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
        if result and not decide(result, level) then return result end
        result = workload(payload, how):wait()
        if result.ok or not climbs[result.outcome] then return result end
        if patience and result.outcome == "gave_up" then
          result = resumed(workload, payload, how, result, patience) or result
          if result.ok or not climbs[result.outcome] then return result end
        end
      end
    end
    note(result)
    return result
  end
end
