-- One message to whoever is on call, at the end of the night and only if something needs a human: not one for each
-- job. It is on disk before the run ends, and goes out even if this process does not live to send it.
--
--     cvlua --simulate --faults rds/crm:slow=5h scripts/cookbook/one-alarm-a-night.lua

local notify = require "notify"

local tell = notify.slack(secret "slack-oncall")
run.on_attention(function(attention)
  log.warning("telling who is on call", { reasons = #attention.reasons })
  tell(attention)
end)

-- A database that somebody takes out of the list below is missed at once.
run.expect{ targets = 3 }

-- Nobody waits longer than two hours for a snapshot; its job runs on, and somebody should look at it.
local rds = backup.rds:with({ clientName = "aws-prod", instanceName = "eu-west-1" }, { finish_within = "2h" })
flow.map({ "orders", "crm", "billing" }, function(name) return rds{ subclientName = name }:wait() end)
