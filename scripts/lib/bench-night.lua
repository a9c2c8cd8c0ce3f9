-- An 8-hour night of 1,000 backups: as many at a time as fills it.
local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB" }
local groups = {}
for i = 1, 1000 do groups[i] = 5000 + i end
flow.map(groups, function(id)
  return dynamo{ subclientId = id, backupLevel = "INCREMENTAL" }:wait()
end, { limit = 15 })
