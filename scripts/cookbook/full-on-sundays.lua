-- A full on Sundays and on the first of the month, an incremental on all other nights.
--
--     cvlua --simulate --at 2026-11-22T22:00 scripts/cookbook/full-on-sundays.lua
--
-- A night has the date on which it begins, so a run that starts after midnight does what its evening would have.

local night = run.night
local level = (night.weekday == "Sunday" or night.day == 1) and "FULL" or "INCREMENTAL"

local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = level }

flow.map({ "customers", "carts" }, function(name) return dynamo{ subclientName = name }:wait() end)
