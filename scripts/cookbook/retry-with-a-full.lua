-- What failed is tried again: twice as it was, where the server was only busy or gone, and with a full where the
-- backup itself failed. A backup that somebody killed stays killed.
--
--     cvlua --simulate --faults 'dynamodb/1042:fail@1' scripts/cookbook/retry-with-a-full.lua

local ladder = require "ladder"

local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
local rescue = ladder{ levels = { "INCREMENTAL", "FULL" }, on = { "failed", "errors" }, max = 4 }
local patient = { attempts = 3, delay = "10m", when = { "busy", "unreachable", "failed_to_start" } }

flow.map({ 1042, 1043 }, function(id)
  return flow.retry(patient, rescue, dynamo, { subclientId = id })
end)
