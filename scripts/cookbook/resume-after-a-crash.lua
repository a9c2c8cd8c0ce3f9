-- A night that goes on where it was when its process died: cvlua resume last, or simply the next start of the script.
-- Backups are known again by what they ask for. What else must not be done twice, or must come out the same in both
-- lives, stands in a flow.step: here the list of what there is, as it was when the night began.
--
--     cvlua --simulate --journal night.db --state server.db scripts/cookbook/resume-after-a-crash.lua
--     cvlua resume last --journal night.db

local names = flow.step("tables", function()
  local list = {}
  for i, found in ipairs(commcell():subclients{ client = "aws-prod", instance = "DynamoDB" }) do
    list[i] = found.subclientName
  end
  return list
end)

local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
flow.map(names, function(name) return dynamo{ subclientName = name, backupLevel = "INCREMENTAL" }:wait() end)

-- Twice the same on purpose: a key tells the second from the first.
run.key "customers, once more after the batch"
dynamo{ subclientName = "customers", backupLevel = "INCREMENTAL" }:wait()
