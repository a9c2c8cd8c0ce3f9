--- What the Command Center's job history says of a target: its last jobs, its last good full.
---
---     local history = require "history"
---     local crm = { clientName = "aws-prod", instanceName = "eu-west-1", subclientName = "crm" }
---     local past = history.of(crm)
---     print(#past.jobs, past.full and past.full.started)
---
--- One request lists the jobs of a client, for all of its targets. A run that is taken up again sees what it saw at
--- first, by flow.step: what is decided by it is decided the same way again. `rota` and `verify` go by it.

---@class history
local history = {}

---@class history.job
---@field id string
---@field level string FULL, INCREMENTAL, …
---@field outcome string completed, failed, …
---@field started integer unix time
---@field finished? integer unix time
---@field bytes integer
---@field files integer
---@field failed_files integer

---@class history.past
---@field jobs history.job[] those that have ended, the newest first; at most ten
---@field full? history.job the newest full that is good, where there is one
---@field at integer when the Command Center was asked

---@class history.options
---@field since? string|number how far back; else 35 days
---@field commcell? cvlua.commcell another Command Center than the run's own

local most = 10
local answers = {}   -- what was asked for -> what came of it
local locks = {}     -- the same -> who asks first asks alone

--- The server's words for a level as a payload has them: `Synthetic Full` is SYNTHETIC_FULL.
---@param words string
---@return string
function history.level(words)
  return (words:upper():gsub("[^%u]+", "_"))
end

--- Whether a job's outcome is a good one.
---@param job history.job
---@return boolean
function history.is_good(job)
  return job.outcome == "completed" or job.outcome == "warnings"
end

local function name_of(instance, subclient)
  return (instance or ""):lower() .. "/" .. (subclient or "default"):lower()
end

-- The jobs of a client by subclient: each one's newest, and its newest good full.
local function sorted(jobs)
  local found = {}
  for _, job in ipairs(jobs) do
    if job.outcome and job.level then
      local entry = {
        id = job.id, level = history.level(job.level), outcome = job.outcome, started = job.started,
        finished = job.finished, bytes = job.bytes, files = job.files, failed_files = job.failed_files,
      }
      local key = "#" .. tostring(job.subclient_id)
      local past = found[key]
      if not past then
        past = { jobs = json.array{}, name = name_of(job.instance, job.subclient) }
        found[key] = past
      end
      if #past.jobs < most then past.jobs[#past.jobs + 1] = entry end
      if not past.full and entry.level:find "FULL$" and history.is_good(entry) then past.full = entry end
    end
  end
  return found
end

local function ask(cc, query, what)
  local lock = locks[what]
  if not lock then
    lock = flow.semaphore(1)
    locks[what] = lock
  end
  local _ <close> = lock:acquire()
  if not answers[what] then
    answers[what] = flow.step(what, function()
      local at = os.time()
      return { at = at, targets = sorted(cc:jobs(query)) }
    end)
  end
  return answers[what]
end

--- What is known of a target.
---@async
---@param fields table<string, any> as a workload takes them: clientName or clientId; subclientId, or the names
---@param options? history.options
---@return history.past
function history.of(fields, options)
  if type(fields) ~= "table" then
    error("history.of takes the fields of a target, as in { clientName = …, subclientName = … }", 2)
  end
  options = options or {}
  local cc, since = options.commcell or commcell(), options.since or "35d"
  local client, id = fields.clientName or fields.clientId, fields.subclientId
  if client == nil and id == nil then
    error("history.of needs a clientName, a clientId or a subclientId", 2)
  end
  local query = { finished_since = since, client = client, subclient_id = client == nil and id or nil }
  local what = "history of " .. cc.name .. " "
    .. (client ~= nil and "client " .. tostring(client) or "subclient " .. tostring(id)) .. " for " .. since
  local answer = ask(cc, query, what)
  local past
  if id ~= nil then
    past = answer.targets["#" .. tostring(id)]
  else
    local wanted = name_of(fields.instanceName, fields.subclientName)
    local only = wanted:match "/(.*)$"
    for _, one in pairs(answer.targets) do
      -- Without an instance any of the client's will do; the newest counts.
      local fits = one.name == wanted or fields.instanceName == nil and one.name:match "/(.*)$" == only
      if fits and not (past and past.jobs[1].started > one.jobs[1].started) then past = one end
    end
  end
  return { jobs = past and past.jobs or {}, full = past and past.full or nil, at = answer.at }
end

return history
