-- A backup that is much smaller than the last ones of its kind is no good, even if the server says "Completed": an
-- export that found half of its tables looks like this.
--
--     cvlua --simulate --state server.db scripts/cookbook/verify-sizes.lua

-- Less than this part of the mean of the last two weeks is too little.
local least = tonumber(run.var("least", "0.5"))

local ids = commcell():id_of{ client = "aws-prod", instance = "DynamoDB", subclient = "customers" }
local result = backup.dynamodb{
  clientName = "aws-prod", instanceName = "DynamoDB", subclientId = ids.subclientId, backupLevel = "FULL",
}:wait()
if not result.ok then return result end

local own = {}
for _, id in ipairs(result.jobs) do own[id] = true end

local past_jobs = commcell():jobs{ finished_since = "14d", subclient_id = ids.subclientId, status = "Completed" }
local sum, count = 0, 0
for _, past in ipairs(past_jobs) do
  if not own[past.id] and past.level == "Full" then sum, count = sum + past.bytes, count + 1 end
end

if count == 0 then
  log("nothing to compare with yet", { bytes = result.bytes })
elseif result.bytes < least * sum / count then
  return run.skip("dynamodb customers, size",
    string.format("%d bytes, where %d of the last %d fulls are usual", result.bytes, sum // count, count))
else
  log("size as usual", { bytes = result.bytes, mean = sum // count, runs = count })
end
