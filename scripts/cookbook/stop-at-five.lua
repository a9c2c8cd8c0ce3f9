-- Nothing new after five in the morning, and nothing while the month's books are closed from one to half past. What
-- has not begun by five is killed, so that it is not in the way of the day; what runs may end.
--
--     cvlua --simulate --at 2026-11-22T04:30 scripts/cookbook/stop-at-five.lua

run.window{ last_start = "05:00", zone = "Europe/Berlin", blackout = { { "01:00", "01:30" } }, still_queued = "kill" }

local rds = backup.rds:with{ clientName = "aws-prod", instanceName = "eu-west-1" }

-- One after the other: those that come after five are skipped, and the recap says so.
for _, name in ipairs{ "orders", "crm", "billing", "web", "shop", "stock", "mail", "wiki" } do
  rds{ subclientName = name }:wait()
end
