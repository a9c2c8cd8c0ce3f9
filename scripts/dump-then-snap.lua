-- Order and clean-up: the Oracle dump first, then a snapshot of the disks that it lies on, and a mark that
-- says "do not touch" for as long as that takes, gone on whatever way out.
--
--     cvlua --simulate scripts/dump-then-snap.lua

local target = { clientName = "aws-prod", instanceName = "ERP" }

log("hands off ERP: a dump is being taken")
flow.defer(function() log("ERP is free again") end)

local dump = backup.oracle({ clientName = target.clientName, instanceName = target.instanceName, backupLevel = "FULL" })
local dumped = dump:wait()
if not dumped.ok then
  run.skip("rds aws-prod/eu-west-1/orders", "the dump came to no good: " .. tostring(dumped))
  return
end

-- Give the file system a moment to write all of it out.
flow.sleep("2m")

local snap = flow.timeout("3h", function()
  return backup.rds{ clientName = "aws-prod", instanceName = "eu-west-1", subclientName = "orders" }:wait()
end)
if not snap.ok then
  log.error("the dump has no snapshot", { reason = snap.reason })
end
