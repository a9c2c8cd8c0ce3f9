-- A backup that is much smaller than the last ones of its kind is no good, even if the server says "Completed": an
-- export that found half of its tables looks like this. Nor is one whose items failed, or of another level than was
-- asked for.
--
--     cvlua --simulate --state server.db scripts/cookbook/verify-sizes.lua

local verify = require "verify"

-- Less than this part of what the last runs of its level had is too little.
local check = verify{ below = tonumber(run.var("below", "0.5")), least = 1 }

local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = "FULL" }

local night = flow.map({ "customers", "carts" }, function(name)
  local report = check(dynamo{ subclientName = name }:wait())
  if report.ok then log(report.text) else log.error(report.text) end
  return report
end)

-- What a script returns may worsen its verdict: 2 is "some targets are not good".
for _, record in ipairs(night) do
  if not record.ok or not record.value.ok then return 2 end
end
