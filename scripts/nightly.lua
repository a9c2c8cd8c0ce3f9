-- The night: DynamoDB tables and a DocumentDB cluster at once, SQL Server beside them, RDS snapshots first
-- and the Oracle export only when they are good.
--
--     cvlua --simulate scripts/nightly.lua
--     cvlua --simulate --faults 'dynamodb:fail@1' scripts/nightly.lua

local ladder = require "ladder"

-- Nothing is submitted after that, not even a retry: 05:00 for most; this one may be tried at any hour.
run.window{ last_start = "11:59" }
-- Fewer is not a green night, though each of them may be good.
run.expect{ targets = 8 }

local level = run.night.weekday == "Sunday" and "FULL" or "INCREMENTAL"

-- Never more than four jobs on the account, those of other runs included; after six hours one is reported.
local ours = { pool = pool{ name = "aws-prod", max = 4 }, finish_within = "6h" }

local dynamo   = backup.dynamodb:with({ clientName = "aws-prod", instanceName = "DynamoDB" }, ours)
local clusters = backup.documentdb:with({ clientName = "aws-prod", instanceName = "DocumentDB" }, ours)
local rds      = backup.rds:with({ clientName = "aws-prod", instanceName = "eu-west-1" }, ours)
local oracle   = backup.oracle:with({ clientName = "aws-prod", instanceName = "ERP" }, ours)
local sql      = backup.mssql:with{ clientId = 23, instanceId = 231 }

-- A failed incremental becomes a full. One that was killed, or found another backup running, does not:
-- somebody had a reason. Four rescues a night are help; more would hide a common cause.
local rescue = ladder{ levels = { level, "FULL" }, on = { "failed", "errors" }, max = 4 }

local function tables()
  return flow.map({ 1042, 1043, 1051 }, function(id)
    return rescue(dynamo, { subclientId = id })
  end)
end

local function documents()
  return rescue(clusters, { subclientName = "profiles" })
end

local function databases()
  return sql{ subclientId = 1402, backupLevel = level == "FULL" and "FULL" or "DIFFERENTIAL" }:wait()
end

-- The export reads what the snapshots hold, so it comes after them, and only if they are good.
local function export()
  local snaps = flow.map({ "orders", "crm" }, function(name)
    return rds{ subclientName = name }:wait()
  end)
  if not snaps.ok then
    return run.skip("oracle aws-prod/ERP/default", "snapshots not good: " .. snaps:bad())
  end
  return oracle{ backupLevel = "FULL" }:wait()
end

-- All four at once; a branch that breaks stops no other.
flow.all{ tables, documents, databases, export }
