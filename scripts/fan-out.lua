-- Hundreds of table groups, at most eight at a time. What failed is tried once more, alone, at the end.
--
--     cvlua --simulate scripts/fan-out.lua [COUNT]

local count = tonumber((...)) or 300

local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }

local groups = {}
for i = 1, count do groups[i] = 2000 + i end

local function back_up(id)
  return dynamo{ subclientId = id, backupLevel = "INCREMENTAL" }:wait()
end

local night = flow.map(groups, back_up, { limit = 8 })

for i, record in ipairs(night) do
  if record.outcome == "failed" then
    log.warning("once more", { target = record.target, reason = record.reason })
    back_up(groups[i])
  end
end
