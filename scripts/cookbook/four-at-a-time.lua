-- At most four backups of one cloud account at once, whichever script or process of this machine starts them; a
-- large one counts for two. A fifth waits for its turn before it is sent.
--
--     cvlua --simulate scripts/cookbook/four-at-a-time.lua

local function share(weight) return pool{ name = "aws-prod", max = 4, weight = weight } end

local dynamo = backup.dynamodb:with(
  { clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = "INCREMENTAL" }, { pool = share(1) })
local oracle = backup.oracle:with(
  { clientName = "aws-prod", instanceName = "ERP", backupLevel = "FULL" }, { pool = share(2) })

local function tables()
  return flow.map({ 1042, 1043, 1051, 2001, 2002, 2003 }, function(id) return dynamo{ subclientId = id }:wait() end)
end

flow.all{ tables, function() return oracle{}:wait() end }
